// The boards of a rollout as its rules count them.

import { NEVER } from './boards.ts';
import type { Rollout, World } from './rollout-record.ts';
import { boardsIn } from './tallies.ts';

/** Counts of the boards that the rollout has set in motion. */
export interface Counts {
  readonly moved: number;
  readonly succeeded: number;
  /** Without those that an engineer has accepted. */
  readonly failed: number;
  readonly blocked: number;
  /** Boards that could act and are through with it: succeeded, failed and blocked. */
  readonly acted: number;
  /** The same with those that were accepted. */
  readonly everActed: number;
  /** Waited for: at it, or given time to come to it. */
  readonly open: number;
  /** No longer waited for: they could not act in time, or came too late for this stage. */
  readonly setAside: number;
}

/**
 * A stage gives its boards one `deviceTimeoutMs` to become able to act, and those that came to it late another one to
 * finish. From the soak on it waits for nobody.
 */
export function countsOf(rollout: Rollout, { moved, policy, nowMs }: World): Counts {
  const ageMs = rollout.soakUntilMs === undefined ? nowMs - rollout.stageEnteredAtMs : NEVER;
  const atIt = moved.pending + moved.updating;
  const unable = moved.gated + moved.unreachable;
  const open = (ageMs < 2 * policy.deviceTimeoutMs ? atIt : 0) + (ageMs < policy.deviceTimeoutMs ? unable : 0);
  const everFailed = moved.failed + moved.overdue;
  const failed = Math.max(0, everFailed - rollout.accepted.failed);
  const blocked = Math.max(0, moved.blocked - rollout.accepted.blocked);
  return {
    moved: boardsIn(moved),
    succeeded: moved.upToDate,
    failed,
    blocked,
    acted: moved.upToDate + failed + blocked,
    everActed: moved.upToDate + everFailed + moved.blocked,
    open,
    setAside: atIt + unable - open,
  };
}
