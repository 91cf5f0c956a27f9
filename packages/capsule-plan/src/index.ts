// The public face of everything that can happen to one board.

export * from './boot/boot-counting.ts';
export * from './boot/deployment.ts';
export * from './boot/loader-entry.ts';
export { CAPSULE_ERRORS, type CapsuleError, type CapsuleErrorCode, type CapsuleLayer } from './capsule/errors.ts';
export {
  type CapsuleSummary,
  type PayloadSummary,
  readCapsuleSummary,
  summarizeCapsule,
} from './capsule/summary.ts';
export * from './firmware/efi-variable.ts';
export * from './firmware/esrt.ts';
export * from './firmware/os-indications.ts';
export * from './firmware/trial-boot.ts';
