// What a board must remember because it can not be looked at: what it attempted, at which boot, and how that ended.

import type { BootId, FirmwareVersion, Millis, OstreeCommit, Sha256 } from '@seatrial/spec';
import type { LastAttempt } from '../firmware/esrt.ts';

export interface Journal {
  readonly schema: 1;
  readonly attempt?: Attempt;
  /** The last attempt that reached its target: the evidence that success was earned. */
  readonly success?: SuccessfulAttempt;
  /** Attempts that ended in failure, newest last: never repeated by themselves. */
  readonly failures: readonly FailedAttempt[];
}

export const EMPTY_JOURNAL: Journal = { schema: 1, failures: [] };
/** How many failed attempts a board remembers. */
export const FAILURES_KEPT = 32;

/** Names one try at one payload: a retry that an engineer asks for counts `attempt` up. */
export interface AttemptKey {
  readonly payloadHash: Sha256;
  readonly attempt: number;
}

/** The pair of versions that a board runs; a half that it does not have is undefined. */
export interface Pair {
  readonly firmware?: FirmwareVersion;
  readonly os?: OstreeCommit;
}

export interface Attempt extends AttemptKey {
  readonly startedAtMs: Millis;
  /** What ran before, and what "going back" means. */
  readonly from: Pair;
  /** What this attempt is to bring, so that a superseded one can still be undone. */
  readonly to: Pair;
  /** The request for a capsule; `rebooted` says that the firmware was given its chance to see it. */
  readonly capsule?: { readonly bootId: BootId; readonly before: LastAttempt; readonly rebooted: boolean };
  /** The reboot into the deployed commit was asked for at this boot. */
  readonly osTrial?: { readonly bootId: BootId };
  readonly health?: HealthVerdict;
  /** UEFI was asked to restore the old firmware at this boot. */
  readonly firmwareRollback?: { readonly bootId: BootId; readonly rebooted: boolean };
  /** Set once it is clear that this attempt goes back. */
  readonly failure?: Failure;
}

export interface HealthVerdict {
  readonly bootId: BootId;
  readonly healthy: boolean;
  readonly results: readonly HealthResult[];
}

export interface HealthResult {
  readonly name: string;
  readonly healthy: boolean;
  /** Exit code, HTTP status or unit state: one short phrase. */
  readonly detail: string;
}

export type FailureReason =
  | 'capsule-refused'
  | 'capsule-metadata-unreadable'
  | 'capsule-ignored'
  | 'firmware-rolled-back'
  | 'os-unhealthy'
  | 'os-fell-back'
  | 'os-on-old-firmware'
  | 'firmware-unhealthy'
  | 'superseded'
  | 'firmware-cannot-go-back';

export interface Failure {
  readonly reason: FailureReason;
  /** One sentence for people, with the versions and codes that matter. */
  readonly message: string;
  /** LAST_ATTEMPT_STATUS where the firmware gave one. */
  readonly lastAttemptStatus?: number;
  readonly atMs: Millis;
}

export interface FailedAttempt extends AttemptKey {
  readonly failure: Failure;
}

export interface SuccessfulAttempt extends AttemptKey {
  readonly from: Pair;
  readonly to: Pair;
  /** The boots at which the capsule and the new commit were asked for; success is seen at a later one. */
  readonly requestedAt: readonly BootId[];
  readonly health?: HealthVerdict;
}

export const sameAttempt = (a: AttemptKey, b: AttemptKey): boolean =>
  a.payloadHash === b.payloadHash && a.attempt === b.attempt;

export const failedBefore = (journal: Journal, key: AttemptKey): FailedAttempt | undefined =>
  journal.failures.find(failed => sameAttempt(failed, key));
