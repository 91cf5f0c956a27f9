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
export * from './plan/capsule-files.ts';
export * from './plan/gates.ts';
export * from './plan/infer-step.ts';
export * from './plan/journal.ts';
export * from './plan/learn.ts';
export * from './plan/observed.ts';
export * from './plan/plan.ts';
export { type Complaint, preflight } from './plan/preflight.ts';
export * from './plan/preview.ts';
export * from './plan/reason-table.ts';
export * from './plan/remember.ts';
export { pendingDeployment, runningPair, wayBack } from './plan/situation.ts';
export * from './plan/status.ts';
export * from './plan/step.ts';
export * from './plan/step-table.ts';
export * from './plan/trial-budget.ts';
export * from './plan/verdict.ts';
export * from './plan/wait-reasons.ts';
export * from './plan/window.ts';
export {
  AttemptMessage,
  FailedMessage,
  JournalMessage,
  ObservedMessage,
  SuccessMessage,
} from './wire/observed-message.ts';
export * from './wire/persisted.ts';
export * from './wire/plan-message.ts';
export * from './wire/report.ts';
export * from './wire/report-message.ts';
export * from './wire/topics.ts';
