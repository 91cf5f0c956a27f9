// What a board tells: the world as it sees it, what it remembers, and what it concludes. The controller believes the
// first, uses the second and recomputes the third.

import type { Condition, DeviceId, Generation, GitCommit, Millis, Sha256 } from '@seatrial/spec';
import type { Attempt, FailedAttempt, SuccessfulAttempt } from '../plan/journal.ts';
import type { Observed } from '../plan/observed.ts';
import type { StepKind, WaitReason } from '../plan/step.ts';

/** Where a board is on its way; the lifecycle machine's states, in the words of a fleet's overview. */
export type Phase = 'idle' | 'fetching' | 'waiting' | 'installing' | 'trial' | 'goingBack' | 'converged' | 'failed';

/** The message on `seatrial/v1/<deviceId>/report`. */
export interface Report {
  readonly schema: 1;
  readonly device: DeviceId;
  readonly agentVersion: string;
  /** Grows with every report of this board, over reboots too; a lower one is old news. */
  readonly sequence: number;
  readonly sentAtMs: Millis;
  /** The plan this report speaks about; undefined while the board has never accepted one. */
  readonly plan?: ReportedPlan;
  readonly phase: Phase;
  readonly conditions: readonly Condition[];
  readonly step?: { readonly kind: StepKind; readonly waitsFor?: WaitReason };
  readonly progress?: Progress;
  readonly observed: Observed;
  readonly attempt?: Attempt;
  readonly success?: SuccessfulAttempt;
  readonly failures: readonly FailedAttempt[];
  readonly refused: RefusedMessages;
}

export interface ReportedPlan {
  readonly generation: Generation;
  readonly gitCommit: GitCommit;
  readonly payloadHash: Sha256;
  readonly attempt: number;
}

/** Counts of plans that were not acted on, by reason, since the agent started. */
export type RefusedMessages = Readonly<Partial<Record<PlanRefusal, number>>>;

export type PlanRefusal = 'unsigned' | 'expired' | 'old-generation' | 'other-board' | 'oversized' | 'malformed';

export interface Progress {
  readonly done: number;
  readonly total: number;
  readonly unit: 'bytes' | 'objects' | 'checks';
}

/** The message on `seatrial/v1/<deviceId>/event`. */
export interface BoardEvent {
  readonly schema: 1;
  readonly device: DeviceId;
  readonly atMs: Millis;
  readonly step: StepKind;
  readonly state: 'started' | 'progress' | 'done' | 'failed';
  readonly message: string;
  readonly progress?: Progress;
}

/** The message on `seatrial/v1/<deviceId>/presence`; the last will says offline. */
export interface Presence {
  readonly schema: 1;
  readonly device: DeviceId;
  readonly online: boolean;
  readonly agentVersion: string;
}
