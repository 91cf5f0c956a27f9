// How a release makes its way through a fleet: from what is recorded and counted to what happens next.
//
// A rollout is at every moment advancing or soaking, both of which time ends, or waiting for a thing that it names, or
// paused for a reason, or done. It can not hang: a stage lets its boards act for `deviceTimeoutMs`, boards that came late
// for as long again, and then decides with what it has. Only an engineer takes a pause back, and no stage is left
// backwards.

import type { GitCommit, Millis, Name, RolloutPolicy, Sha256, StageApproval } from '@seatrial/spec';
import { NEVER } from './boards.ts';
import { failuresAllowed, stageSize } from './cohort.ts';
import type { Decision, PauseReason, RolloutId } from './decision.ts';
import { boardsIn, type Tally } from './diff.ts';

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
  readonly pause?: Pause;
  readonly outcome?: Outcome;
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
  readonly approvals: readonly StageApproval[];
}

export type RolloutState =
  | { readonly kind: 'advancing'; readonly message: string; readonly untilMs?: Millis }
  | { readonly kind: 'soaking'; readonly message: string; readonly untilMs: Millis }
  | { readonly kind: 'waiting'; readonly for: Awaited; readonly message: string }
  | { readonly kind: 'paused'; readonly reason: PauseReason; readonly message: string; readonly by?: string }
  | { readonly kind: 'done'; readonly outcome: Outcome; readonly message: string };

/** What only somebody outside can bring. */
export type Awaited = 'approval' | 'signatures' | 'end-of-suspension' | 'boards' | 'a-board-that-can-act';

export interface Advance {
  readonly rollout: Rollout;
  readonly state: RolloutState;
  readonly decisions: readonly Decision[];
}

/** At most one move. Call again while it decides something: entering a stage changes the counts. */
export function advance(rollout: Rollout, world: World): Advance {
  const move = nextMove(rollout, world);
  switch (move.kind) {
    case 'rest':
      return { rollout, state: move.state, decisions: [] };
    case 'enter':
      return enterStage(rollout, world, rollout.stage + 1);
    case 'soak':
      return startSoak(rollout, move.untilMs);
    case 'pause':
      return pause(rollout, world, move);
    case 'complete':
      return complete(rollout, world);
  }
}

/** May boards be set in motion now, and how many of the cohort? None when the next thing to happen is a pause. */
export function boardsLetIn(rollout: Rollout, world: World): number {
  const { policy, cohort, suspended, signed } = world;
  if (suspended || !signed || rollout.pause !== undefined || rollout.stage === 0) return 0;
  if (rollout.outcome !== undefined) return rollout.outcome === 'completed' ? cohort : 0;
  return nextMove(rollout, world).kind === 'pause' ? 0 : stageSize(limitOf(policy, rollout.stage), cohort);
}

/* ---- The rules ---- */

type Move =
  | { readonly kind: 'rest'; readonly state: RolloutState }
  | { readonly kind: 'enter' }
  | { readonly kind: 'soak'; readonly untilMs: Millis }
  | { readonly kind: 'pause'; readonly reason: PauseReason; readonly message: string }
  | { readonly kind: 'complete' };

type Rule = (rollout: Rollout, world: World, counts: Counts) => Move | undefined;

/** The first rule that applies decides; the last one always does. */
const RULES: readonly Rule[] = [
  stayDone,
  stayPaused,
  pauseWhenBudgetIsSpent,
  waitForEndOfSuspension,
  waitForSignatures,
  waitForBoards,
  pauseWhenThresholdIsOutOfReach,
  letBoardsAct,
  waitForABoardThatCanAct,
  soak,
  completeAfterTheLastStage,
  waitForApproval,
];

function nextMove(rollout: Rollout, world: World): Move {
  const counts = countsOf(rollout, world);
  for (const rule of RULES) {
    const move = rule(rollout, world, counts);
    if (move !== undefined) return move;
  }
  return { kind: 'enter' };
}

function stayDone({ outcome, id }: Rollout): Move | undefined {
  return outcome && rest({ kind: 'done', outcome, message: `${id} is ${outcome}` });
}

function stayPaused({ pause: paused }: Rollout): Move | undefined {
  if (paused === undefined) return undefined;
  const { reason, message, by } = paused;
  return rest({ kind: 'paused', reason, message, ...(by === undefined ? {} : { by }) });
}

function pauseWhenBudgetIsSpent(_rollout: Rollout, { policy, cohort }: World, { failed }: Counts): Move | undefined {
  const allowed = failuresAllowed(policy.failureBudget, cohort);
  if (failed <= allowed) return undefined;
  return { kind: 'pause', reason: 'failure-budget', message: `${boards(failed)} failed, ${allowed} may` };
}

function waitForEndOfSuspension({ fleet }: Rollout, { suspended }: World): Move | undefined {
  return suspended ? waiting('end-of-suspension', `fleet ${fleet} is suspended in git`) : undefined;
}

function waitForSignatures({ release }: Rollout, { signed }: World): Move | undefined {
  return signed ? undefined : waiting('signatures', `release ${release} lacks signatures of vendor or operator`);
}

function waitForBoards({ fleet }: Rollout, { cohort }: World): Move | undefined {
  return cohort === 0 ? waiting('boards', `no board follows the release of fleet ${fleet}`) : undefined;
}

/** As soon as the best that can still happen is not good enough. */
function pauseWhenThresholdIsOutOfReach(rollout: Rollout, { policy }: World, counts: Counts): Move | undefined {
  if (isDecidedByHand(rollout) || counts.acted + counts.open === 0) return undefined;
  const best = (100 * (counts.succeeded + counts.open)) / (counts.acted + counts.open);
  if (best >= policy.successThreshold) return undefined;
  const message = `at most ${best.toFixed(1)} % of the boards that could act can succeed, ${policy.successThreshold} % must: ${boards(counts.failed)} failed, ${counts.blocked} blocked`;
  return { kind: 'pause', reason: 'success-threshold', message };
}

function letBoardsAct(rollout: Rollout, { policy }: World, { open }: Counts): Move | undefined {
  if (isDecidedByHand(rollout) || open === 0) return undefined;
  const message = `${boards(open)} of stage ${rollout.stage} still to finish`;
  return rest({ kind: 'advancing', message, untilMs: later(rollout.stageEnteredAtMs, 2 * policy.deviceTimeoutMs) });
}

/** A stage that moved boards of which none could act has proven nothing. */
function waitForABoardThatCanAct(rollout: Rollout, _world: World, counts: Counts): Move | undefined {
  const proven = counts.everActed > rollout.atEntry.acted || counts.moved === rollout.atEntry.moved;
  if (isDecidedByHand(rollout) || proven) return undefined;
  const message = `none of the boards of stage ${rollout.stage} could act: ${counts.setAside} gated or unreachable`;
  return waiting('a-board-that-can-act', message);
}

/** Only a stage that moved boards has something to watch. */
function soak(rollout: Rollout, { policy, nowMs }: World, { moved }: Counts): Move | undefined {
  const soakMs = policy.stages[lastOr(policy, rollout.stage) - 1]?.soakMs ?? 0;
  if (isDecidedByHand(rollout) || soakMs === 0 || moved === rollout.atEntry.moved) return undefined;
  if (rollout.soakUntilMs === undefined) return { kind: 'soak', untilMs: later(nowMs, soakMs) };
  if (nowMs >= rollout.soakUntilMs) return undefined;
  return rest({ kind: 'soaking', message: `stage ${rollout.stage} is watched`, untilMs: rollout.soakUntilMs });
}

function completeAfterTheLastStage({ stage }: Rollout, { policy }: World): Move | undefined {
  return stage >= policy.stages.length ? { kind: 'complete' } : undefined;
}

function waitForApproval({ stage }: Rollout, { policy, approvals }: World): Move | undefined {
  const given = (role: Name) => approvals.some(approval => approval.stage === stage + 1 && approval.role === role);
  const missing = policy.approvals.filter(needed => needed.stage === stage + 1 && !given(needed.role));
  const roles = missing.map(({ role }) => role).join(', ');
  return missing.length === 0 ? undefined : waiting('approval', `stage ${stage + 1} needs the approval of ${roles}`);
}

/** Nothing is asked of a stage before the first, nor of one that an engineer has promoted. */
const isDecidedByHand = ({ stage, promoted }: Rollout): boolean => stage === 0 || promoted === stage;

/** A moment plus a length of time is a moment. */
const later = (moment: Millis, ms: number): Millis => (moment + ms) as Millis;
const rest = (state: RolloutState): Move => ({ kind: 'rest', state });
const waiting = (awaited: Awaited, message: string): Move => rest({ kind: 'waiting', for: awaited, message });
const boards = (count: number): string => `${count} ${count === 1 ? 'board' : 'boards'}`;

/* ---- The counts ---- */

interface Counts {
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
function countsOf(rollout: Rollout, { moved, policy, nowMs }: World): Counts {
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

/** Stages that git has taken away are not missed: a rollout beyond them is in the last. */
const lastOr = (policy: RolloutPolicy, stage: number): number => Math.min(stage, policy.stages.length);
const limitOf = (policy: RolloutPolicy, stage: number) =>
  policy.stages[lastOr(policy, stage) - 1]?.limit ?? { percent: 100 };

/* ---- The moves ---- */

/** What `rollout` is of every decision about it. */
export const naming = ({ fleet, id }: Rollout) => ({ fleet, rollout: id });

function enterStage(rollout: Rollout, world: World, stage: number): Advance {
  const { everActed, moved } = countsOf(rollout, world);
  const { soakUntilMs: _soaked, promoted: _promoted, ...kept } = rollout;
  const entered = { ...kept, stage, stageEnteredAtMs: world.nowMs, atEntry: { moved, acted: everActed } };
  const size = stageSize(limitOf(world.policy, stage), world.cohort);
  return {
    rollout: entered,
    state: { kind: 'advancing', message: `stage ${stage} begins` },
    decisions: [
      {
        kind: 'stage-entered',
        ...naming(rollout),
        stage,
        stages: world.policy.stages.length,
        boards: size,
        cohort: world.cohort,
      },
    ],
  };
}

function startSoak(rollout: Rollout, untilMs: Millis): Advance {
  return {
    rollout: { ...rollout, soakUntilMs: untilMs },
    state: { kind: 'soaking', message: `stage ${rollout.stage} is watched`, untilMs },
    decisions: [{ kind: 'soak-started', ...naming(rollout), stage: rollout.stage, untilMs }],
  };
}

/** The fleet's policy may ask for more than a pause: that the commit be taken back. */
function pause(rollout: Rollout, { nowMs, policy }: World, { reason, message }: Omit<Pause, 'atMs'>): Advance {
  const { stage, gitCommit } = rollout;
  const paused: Decision = { kind: 'rollout-paused', ...naming(rollout), stage, reason, message };
  const revert: Decision = { kind: 'revert-wanted', ...naming(rollout), gitCommit, message };
  return {
    rollout: { ...rollout, pause: { reason, message, atMs: nowMs } },
    state: { kind: 'paused', reason, message },
    decisions: policy.onFailure === 'revert' ? [paused, revert] : [paused],
  };
}

function complete(rollout: Rollout, world: World): Advance {
  const upToDate = world.moved.upToDate + world.resting.upToDate;
  return {
    rollout: { ...rollout, outcome: 'completed' },
    state: { kind: 'done', outcome: 'completed', message: `${rollout.id} is completed` },
    decisions: [{ kind: 'rollout-completed', ...naming(rollout), upToDate, others: world.cohort - upToDate }],
  };
}
