// A rollout as it is recorded, what it must know of the world, and what it can be at.

import type { GitCommit, Millis, Name, RolloutPolicy, Sha256, StageApproval } from '@seatrial/spec';
import type { ApprovalSource, PauseReason, RolloutId } from './decision.ts';
import type { Tally } from './tallies.ts';

/** What is recorded of a rollout: in the store, and in the tree of the audit branch. */
export interface Rollout {
  readonly schema: 1;
  readonly id: RolloutId;
  readonly fleet: Name;
  /** Counts the rollouts of the fleet from 1. */
  readonly number: number;
  readonly release: Name;
  readonly payloadHash: Sha256;
  readonly gitCommit: GitCommit;
  /** Orders the boards, see cohort.ts; never changes while the rollout lives. */
  readonly salt: string;
  readonly startedAtMs: Millis;
  /** From 1; 0 before the first is entered. Never falls. */
  readonly stage: number;
  readonly stageEnteredAtMs: Millis;
  /** What was already moved, and had already acted, when the stage was entered. */
  readonly atEntry: { readonly moved: number; readonly acted: number };
  readonly soakUntilMs?: Millis;
  /** The stage that an engineer let pass whatever it shows. */
  readonly promoted?: number;
  /** Boards that failed or are blocked, and that an engineer has accepted by going on. */
  readonly accepted: { readonly failed: number; readonly blocked: number };
  /** Counted up by a retry: boards may try the payload this often. */
  readonly attempt: number;
  /** Given in reviews, and taken over when they opened their stage; those in documents stay in git. */
  readonly approvals?: readonly GivenApproval[];
  readonly pause?: Pause;
  readonly outcome?: Outcome;
}

/** An approval that counts, and where it can be read. */
export interface GivenApproval extends StageApproval {
  readonly by: string;
  readonly source: ApprovalSource;
  /** The pull request that was reviewed, at which commit, and when. */
  readonly number?: number;
  readonly url?: string;
  readonly gitCommit?: GitCommit;
  readonly givenAtMs?: Millis;
}

export interface Pause {
  readonly reason: PauseReason;
  readonly message: string;
  readonly atMs: Millis;
  readonly by?: string;
}

export type Outcome = 'completed' | 'superseded' | 'cancelled';

/** What the rollout needs to know of the world. */
export interface World {
  readonly nowMs: Millis;
  readonly policy: RolloutPolicy;
  readonly suspended: boolean;
  /** The release carries the signatures that this controller demands. */
  readonly signed: boolean;
  /** Every board that follows the fleet's release, moved or not. */
  readonly cohort: number;
  /** The boards that this rollout has set in motion. */
  readonly moved: Tally;
  /** Those that it had no need or no turn to move. */
  readonly resting: Tally;
  /** The approvals that git holds for this fleet and release. */
  readonly approvals: readonly GivenApproval[];
}

export type RolloutState =
  | { readonly kind: 'advancing'; readonly message: string; readonly untilMs?: Millis }
  | { readonly kind: 'soaking'; readonly message: string; readonly untilMs: Millis }
  | { readonly kind: 'waiting'; readonly for: Awaited; readonly message: string }
  | { readonly kind: 'paused'; readonly reason: PauseReason; readonly message: string; readonly by?: string }
  | { readonly kind: 'done'; readonly outcome: Outcome; readonly message: string };

/** What only somebody outside can bring. */
export type Awaited = 'approval' | 'signatures' | 'end-of-suspension' | 'boards' | 'a-board-that-can-act';

/** What `rollout` is of every decision about it. */
export const naming = ({ fleet, id }: Rollout) => ({ fleet, rollout: id });
