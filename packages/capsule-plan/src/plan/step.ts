// The steps that a board can take, as data: what to do, never how.

import type { ByteCount, FirmwareVersion, HealthCheck, Millis, OstreeCommit, Sha256 } from '@seatrial/spec';
import type { GateFacts } from './observed.ts';

/** Names one step kind; the step table has one row for each. */
export type StepKind = Step['kind'];
export type StepOf<K extends StepKind> = Extract<Step, { kind: K }>;

export type Step =
  | { readonly kind: 'wait'; readonly reason: WaitReason; readonly message: string; readonly untilMs?: Millis }
  | { readonly kind: 'fetch-capsule'; readonly capsule: CapsuleToPlace }
  | { readonly kind: 'pull-commit'; readonly source: CommitSource }
  | { readonly kind: 'place-capsule'; readonly capsule: CapsuleToPlace }
  | { readonly kind: 'arm-trial'; readonly maxCount: number }
  | { readonly kind: 'request-capsule' }
  | { readonly kind: 'reboot'; readonly purpose: RebootPurpose }
  | { readonly kind: 'deploy-commit'; readonly source: CommitSource; readonly stateroot: string }
  | { readonly kind: 'arm-boot-counting'; readonly commit: OstreeCommit; readonly tries: number }
  | { readonly kind: 'check-health'; readonly checks: readonly HealthCheck[]; readonly deadlineMs: Millis }
  | { readonly kind: 'bless-boot' }
  | { readonly kind: 'commit-firmware'; readonly version: FirmwareVersion }
  /** `fallbackEntryId` is the entry that the loader is held to; without one the step can not be taken. */
  | { readonly kind: 'mark-boot-bad'; readonly commit: OstreeCommit; readonly fallbackEntryId?: string }
  | { readonly kind: 'request-firmware-rollback' }
  | { readonly kind: 'clean-up'; readonly leftovers: Leftovers };

/** A capsule of the release and the name under which it lies on the ESP; the names keep the release's order. */
export interface CapsuleToPlace {
  readonly fileName: string;
  readonly url: string;
  readonly sizeBytes: ByteCount;
  readonly sha256: Sha256;
}

/** Where a commit comes from. `url` overrides what the board's OSTree remote is configured with. */
export interface CommitSource {
  readonly remote: string;
  readonly ref: string;
  readonly commit: OstreeCommit;
  readonly url?: string;
}

export type RebootPurpose = 'apply-capsule' | 'try-commit' | 'retry-commit' | 'fall-back' | 'roll-back-firmware';

/** What earlier attempts left and nothing needs any more. */
export interface Leftovers {
  readonly capsuleFileNames: readonly string[];
  /** Bit 2 of OsIndications is set and no capsule of ours is to be processed. */
  readonly capsuleRequest: boolean;
  /** Deployments that are neither running, nor the way back, nor wanted, by commit and serial. */
  readonly deployments: readonly { readonly commit: OstreeCommit; readonly serial: number }[];
  /** LoaderEntryDefault still holds the loader. */
  readonly heldEntry: boolean;
}

export type GateName =
  | 'battery'
  | keyof Pick<GateFacts, 'parked' | 'charging' | 'network' | 'maintenanceMode' | 'consent'>;

/** Waits for time or for the world: `Reconciling`. */
export type PatientReason =
  | 'window-closed'
  | 'clock-not-set'
  | 'download-network'
  | 'download-jitter'
  | `gate-${GateName}`;

/** Waits until somebody changes something: `Stalled`. */
export type BlockedReason =
  | 'firmware-below-floor'
  | 'firmware-below-minimum-from'
  | 'os-requires-firmware'
  | 'esrt-missing'
  | 'rpmb-not-provisioned'
  | 'capsule-on-disk-unsupported'
  | 'efivarfs-read-only'
  | 'esp-read-only'
  | 'esp-full'
  | 'boot-full'
  | 'foreign-capsule'
  | 'trial-budget'
  | 'trial-of-unknown-origin'
  | 'no-blessed-deployment';

export type WaitReason = PatientReason | BlockedReason;
