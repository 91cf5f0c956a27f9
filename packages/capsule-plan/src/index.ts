// The public face of everything that can happen to one board.

export { CAPSULE_ERRORS, type CapsuleError, type CapsuleErrorCode, type CapsuleLayer } from './capsule/errors.ts';
export {
  type CapsuleSummary,
  type PayloadSummary,
  readCapsuleSummary,
  summarizeCapsule,
} from './capsule/summary.ts';
