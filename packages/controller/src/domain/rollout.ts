// How a release makes its way through a fleet: from what is recorded and counted to what happens next.
//
// A rollout is at every moment advancing or soaking, both of which time ends, or waiting for a thing that it names, or
// paused for a reason, or done. It can not hang: a stage lets its boards act for `deviceTimeoutMs`, boards that came late
// for as long again, and then decides with what it has. Only an engineer takes a pause back, and no stage is left
// backwards.

import type { Millis, Name, RolloutPolicy, Stage } from '@seatrial/spec';
import { failuresAllowed, stageSize } from './cohort.ts';
import type { Decision, PauseReason } from './decision.ts';
import { type Counts, countsOf } from './rollout-counts.ts';
import {
  type Awaited,
  type GivenApproval,
  naming,
  type Pause,
  type Rollout,
  type RolloutState,
  type World,
} from './rollout-record.ts';

export type { Awaited, GivenApproval, Outcome, Pause, Rollout, RolloutState, World } from './rollout-record.ts';

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
  return nextMove(rollout, world).kind === 'pause' ? 0 : stageSize(stageOf(policy, rollout.stage).limit, cohort);
}

/* ---- The rules ---- */

type Move =
  | { readonly kind: 'rest'; readonly state: RolloutState }
  | { readonly kind: 'enter' }
  | { readonly kind: 'soak'; readonly untilMs: Millis }
  | { readonly kind: 'pause'; readonly reason: PauseReason; readonly message: string }
  | { readonly kind: 'complete' };

type Rule = (rollout: Rollout, world: World, counts: Counts) => Move | undefined;

/** The first rule that applies decides; where none does, the next stage is entered. */
const RULES: readonly Rule[] = [
  stayDone,
  stayPaused,
  pauseWhenBudgetIsSpent,
  waitForEndOfSuspension,
  waitForSignatures,
  waitForBoards,
  ofTheStage(pauseWhenThresholdIsOutOfReach),
  ofTheStage(letBoardsAct),
  ofTheStage(waitForABoardThatCanAct),
  ofTheStage(soak),
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

/** Asks nothing before the first stage, nor of a stage that an engineer has promoted. */
function ofTheStage(rule: Rule): Rule {
  return (rollout, world, counts) =>
    rollout.stage === 0 || rollout.promoted === rollout.stage ? undefined : rule(rollout, world, counts);
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
function pauseWhenThresholdIsOutOfReach(_rollout: Rollout, { policy }: World, counts: Counts): Move | undefined {
  const { acted, succeeded, open, failed, blocked } = counts;
  const best = acted + open === 0 ? 100 : (100 * (succeeded + open)) / (acted + open);
  if (best >= policy.successThreshold) return undefined;
  const shares = `at most ${best.toFixed(1)} % of the boards that could act can succeed, ${policy.successThreshold} % must`;
  return {
    kind: 'pause',
    reason: 'success-threshold',
    message: `${shares}: ${boards(failed)} failed, ${blocked} blocked`,
  };
}

function letBoardsAct(rollout: Rollout, { policy }: World, { open }: Counts): Move | undefined {
  if (open === 0) return undefined;
  const message = `${boards(open)} of stage ${rollout.stage} still to finish`;
  return rest({ kind: 'advancing', message, untilMs: later(rollout.stageEnteredAtMs, 2 * policy.deviceTimeoutMs) });
}

/** A stage that moved boards of which none could act has proven nothing. */
function waitForABoardThatCanAct({ stage, atEntry }: Rollout, _world: World, counts: Counts): Move | undefined {
  if (counts.everActed > atEntry.acted || counts.moved === atEntry.moved) return undefined;
  const message = `none of the boards of stage ${stage} could act: ${counts.setAside} gated or unreachable`;
  return waiting('a-board-that-can-act', message);
}

/** Only a stage that moved boards has something to watch. */
function soak({ stage, soakUntilMs, atEntry }: Rollout, { policy, nowMs }: World, { moved }: Counts): Move | undefined {
  const { soakMs } = stageOf(policy, stage);
  if (soakMs === 0 || moved === atEntry.moved) return undefined;
  if (soakUntilMs === undefined) return { kind: 'soak', untilMs: later(nowMs, soakMs) };
  return nowMs >= soakUntilMs ? undefined : rest(watching(stage, soakUntilMs));
}

function completeAfterTheLastStage({ stage }: Rollout, { policy }: World): Move | undefined {
  return stage >= policy.stages.length ? { kind: 'complete' } : undefined;
}

function waitForApproval(rollout: Rollout, world: World): Move | undefined {
  const missing = rolesMissing(rollout, world);
  const roles = missing.join(', ');
  return missing.length === 0
    ? undefined
    : waiting('approval', `stage ${rollout.stage + 1} needs the approval of ${roles}`);
}

/** The roles that must still approve before the next stage is entered. */
export const rolesMissing = (rollout: Rollout, world: World): readonly Name[] =>
  rolesOf(rollout.stage + 1, world).filter(role => givenFor(role, rollout.stage + 1, rollout, world) === undefined);

const rolesOf = (stage: number, { policy }: World): readonly Name[] =>
  policy.approvals.flatMap(needed => (needed.stage === stage ? [needed.role] : []));

const givenFor = (role: Name, stage: number, rollout: Rollout, { approvals }: World): GivenApproval | undefined =>
  [...approvals, ...(rollout.approvals ?? [])].find(given => given.stage === stage && given.role === role);

/** From 1. Stages that git has taken away are not missed: a rollout beyond them is in the last. */
const stageOf = ({ stages }: RolloutPolicy, stage: number): Stage =>
  stages[Math.min(stage, stages.length) - 1] ?? WHOLE_FLEET;
const WHOLE_FLEET: Stage = { limit: { percent: 100 }, soakMs: 0 as Millis }; // a length of time

/** A moment plus a length of time is a moment. */
const later = (moment: Millis, ms: number): Millis => (moment + ms) as Millis;
const boards = (count: number): string => `${count} ${count === 1 ? 'board' : 'boards'}`;

const rest = (state: RolloutState): Move => ({ kind: 'rest', state });
const waiting = (awaited: Awaited, message: string): Move => rest({ kind: 'waiting', for: awaited, message });
const watching = (stage: number, untilMs: Millis): RolloutState => ({
  kind: 'soaking',
  message: `stage ${stage} is watched`,
  untilMs,
});

/* ---- The moves ---- */

function enterStage(rollout: Rollout, world: World, stage: number): Advance {
  const { policy, cohort, nowMs } = world;
  const { everActed, moved } = countsOf(rollout, world);
  const { soakUntilMs: _soaked, promoted: _promoted, ...kept } = rollout;
  const size = stageSize(stageOf(policy, stage).limit, cohort);
  const where = { stage, stages: policy.stages.length, boards: size, cohort };
  return {
    rollout: { ...kept, stage, stageEnteredAtMs: nowMs, atEntry: { moved, acted: everActed } },
    state: { kind: 'advancing', message: `stage ${stage} begins` },
    decisions: [...approved(rollout, world, stage), { kind: 'stage-entered', ...naming(rollout), ...where }],
  };
}

/** Who opened the stage, one for each role that it needs. */
const approved = (rollout: Rollout, world: World, stage: number): readonly Decision[] =>
  rolesOf(stage, world).flatMap((role): readonly Decision[] => {
    const given = givenFor(role, stage, rollout, world);
    const { release } = rollout;
    return given === undefined ? [] : [{ kind: 'stage-approved', ...naming(rollout), release, ...given }];
  });

function startSoak(rollout: Rollout, untilMs: Millis): Advance {
  const { stage } = rollout;
  return {
    rollout: { ...rollout, soakUntilMs: untilMs },
    state: watching(stage, untilMs),
    decisions: [{ kind: 'soak-started', ...naming(rollout), stage, untilMs }],
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
