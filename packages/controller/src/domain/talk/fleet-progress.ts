// How far a fleet has come with what a commit wants of it, as one value: what a status and a comment are made of.

import type { DeviceId, GitCommit, Millis, Name } from '@seatrial/spec';
import type { RolloutId } from '../decision.ts';
import { type FleetEntry, type Ledger, worldOf } from '../ledger.ts';
import { advance, type Rollout, type RolloutState } from '../rollout.ts';
import { addTallies, type Tally } from '../tallies.ts';
import { type NextEvent, nextEvent } from './next-event.ts';

export interface FleetProgress {
  readonly fleet: Name;
  readonly rollout: RolloutId;
  readonly release: Name;
  /** The commit that brought the wish into the branch. */
  readonly commit: GitCommit;
  readonly startedAtMs: Millis;
  readonly state: RolloutState;
  readonly stage: number;
  /** Absent for a rollout that has ended before its fleet moved on to another. */
  readonly stages?: number;
  readonly counts?: ProgressCounts;
  readonly next?: NextEvent;
  readonly failures: FailureSample;
  /** The pull request that takes it back. */
  readonly revert?: { readonly number: number; readonly url: string };
  readonly successor?: RolloutId;
}

/** Every board that follows the fleet's release is in exactly one. */
export interface ProgressCounts {
  readonly cohort: number;
  readonly upToDate: number;
  readonly updating: number;
  /** Told, and not begun. */
  readonly pending: number;
  /** Its turn has not come. */
  readonly queued: number;
  /** On its way back, late, or unable to go back. */
  readonly failed: number;
  /** Failed, and runs what it ran before. */
  readonly rolledBack: number;
  readonly gated: number;
  readonly blocked: number;
  readonly unreachable: number;
}

export interface FailedBoard {
  readonly device: DeviceId;
  readonly reason: string;
  /** In the board's words: not to be trusted. */
  readonly message: string;
}

export interface FailureSample {
  readonly count: number;
  readonly first: readonly FailedBoard[];
  /** Of `count`: those that are back at what they ran before. */
  readonly back: number;
}

export const NO_FAILURES: FailureSample = { count: 0, first: [], back: 0 };

/** What the ledger does not know of a rollout. */
export interface Around {
  readonly commit: GitCommit;
  readonly failures: FailureSample;
  readonly revert?: FleetProgress['revert'];
}

/** Of the fleet's newest rollout. */
export function currentProgress(
  ledger: Ledger,
  entry: FleetEntry,
  rollout: Rollout,
  { nowMs, ...around }: Around & { readonly nowMs: Millis },
): FleetProgress {
  const world = worldOf(ledger, entry, nowMs);
  const { state } = advance(rollout, world);
  const tally = addTallies(world.moved, world.resting);
  const next = nextEvent({ state, gated: tally.gated, windows: entry.fleet.policy.windows, nowMs });
  return {
    ...ofRollout(rollout, around),
    state,
    stages: world.policy.stages.length,
    counts: countsOf(tally, world.cohort, around.failures.back),
    ...(next && { next }),
  };
}

/** Of one that another rollout has followed, or whose fleet is gone. */
export function pastProgress(rollout: Rollout, around: Around, successor?: RolloutId): FleetProgress {
  const outcome = rollout.outcome ?? 'cancelled';
  return {
    ...ofRollout(rollout, around),
    state: { kind: 'done', outcome, message: `${rollout.id} is ${outcome}` },
    ...(successor && { successor }),
  };
}

const ofRollout = ({ fleet, id, release, startedAtMs, stage }: Rollout, { commit, failures, revert }: Around) => ({
  fleet,
  rollout: id,
  release,
  commit,
  startedAtMs,
  stage,
  failures,
  ...(revert && { revert }),
});

function countsOf(tally: Tally, cohort: number, back: number): ProgressCounts {
  const { upToDate, updating, pending, queued, gated, blocked, unreachable } = tally;
  const failed = tally.failed + tally.overdue;
  const rolledBack = Math.min(back, failed);
  return {
    ...{ cohort, upToDate, updating, pending, queued, gated, blocked, unreachable },
    failed: failed - rolledBack,
    rolledBack,
  };
}
