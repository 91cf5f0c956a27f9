// What git and engineers do to a rollout: start, supersede and cancel it; pause, resume, promote and retry it.

import { err, type GitCommit, type Millis, type Name, ok, type Result, type Sha256, sha256Hex } from '@seatrial/spec';
import type { Decision, Order, RolloutId } from './decision.ts';
import type { Outcome, Rollout } from './rollout.ts';
import { naming } from './rollout-record.ts';
import type { Tally } from './tallies.ts';

export interface Changed {
  readonly rollout: Rollout;
  readonly decisions: readonly Decision[];
}

/* ---- Git ---- */

export interface Beginning {
  readonly fleet: Name;
  readonly release: Name;
  readonly payloadHash: Sha256;
  readonly gitCommit: GitCommit;
  readonly nowMs: Millis;
  readonly boards: number;
  /** The rollouts that the fleet has had, newest last. */
  readonly before: readonly Rollout[];
}

/** The salt follows from fleet, number and commit: an audit branch that is lost does not reshuffle the boards. */
export function startRollout({ before, boards, nowMs, ...what }: Beginning): Changed {
  const number = Math.max(0, ...before.map(earlier => earlier.number)) + 1;
  const rollout: Rollout = {
    schema: 1,
    id: `${what.fleet}-r${number}`,
    number,
    ...what,
    salt: sha256Hex(`${what.fleet}\n${number}\n${what.gitCommit}`).slice(0, 16),
    startedAtMs: nowMs,
    stage: 0,
    stageEnteredAtMs: nowMs,
    atEntry: { moved: 0, acted: 0 },
    accepted: { failed: 0, blocked: 0 },
    attempt: 1,
  };
  const returnsTo = before.findLast(earlier => earlier.payloadHash === what.payloadHash)?.id;
  const { release, gitCommit } = what;
  const started: Decision = {
    kind: 'rollout-started',
    ...naming(rollout),
    release,
    gitCommit,
    boards,
    ...(returnsTo === undefined ? {} : { returnsTo }),
  };
  return { rollout, decisions: [started] };
}

/** A newer commit wants something else: whatever state the old rollout is in, it ends. */
export const supersede = (rollout: Rollout, successor: RolloutId): Changed =>
  end(rollout, 'superseded', { kind: 'rollout-superseded', ...naming(rollout), successor });

export const cancel = (rollout: Rollout): Changed =>
  end(rollout, 'cancelled', { kind: 'rollout-cancelled', ...naming(rollout) });

/** A rollout that was completed stays so: nothing of it is taken back. */
function end(rollout: Rollout, outcome: Outcome, decision: Decision): Changed {
  return rollout.outcome === undefined
    ? { rollout: { ...rollout, outcome }, decisions: [decision] }
    : { rollout, decisions: [] };
}

/* ---- Engineers ---- */

export type OrderKind = 'pause' | 'resume' | 'promote' | 'retry';
/** Why an order is not taken. */
export type OrderRefusal = 'rollout-done' | 'rollout-paused' | 'rollout-not-paused' | 'rollout-not-begun';

export interface OrderContext extends Order {
  readonly nowMs: Millis;
  /** The boards that the rollout has set in motion. */
  readonly moved: Tally;
}

type Taker = (rollout: Rollout, context: OrderContext) => Result<Changed, OrderRefusal>;

export const takeOrder = (order: OrderKind, rollout: Rollout, context: OrderContext): Result<Changed, OrderRefusal> =>
  rollout.outcome === undefined ? ORDERS[order](rollout, context) : err('rollout-done');

const ORDERS = {
  pause: (rollout, { nowMs, by, reason }) => {
    if (rollout.pause !== undefined) return err('rollout-paused');
    const { stage } = rollout;
    const paused: Decision = {
      kind: 'rollout-paused',
      ...naming(rollout),
      stage,
      reason: 'operator',
      message: reason,
      by,
    };
    return ok({
      rollout: { ...rollout, pause: { reason: 'operator', message: reason, by, atMs: nowMs } },
      decisions: [paused],
    });
  },

  resume: (rollout, { by, reason, ...context }) => {
    if (rollout.pause === undefined) return err('rollout-not-paused');
    const resumed: Decision = { kind: 'rollout-resumed', ...naming(rollout), stage: rollout.stage, by, reason };
    return ok({ rollout: goOn(rollout, context), decisions: [resumed] });
  },

  promote: (rollout, { by, reason, ...context }) => {
    if (rollout.stage === 0) return err('rollout-not-begun');
    const promoted: Decision = { kind: 'stage-promoted', ...naming(rollout), stage: rollout.stage, by, reason };
    return ok({ rollout: { ...goOn(rollout, context), promoted: rollout.stage }, decisions: [promoted] });
  },

  retry: (rollout, { by, reason, nowMs }) => {
    if (rollout.stage === 0) return err('rollout-not-begun');
    const { pause: _pause, soakUntilMs: _soak, promoted: _promoted, ...kept } = rollout;
    const attempt = rollout.attempt + 1;
    return ok({
      rollout: {
        ...kept,
        attempt,
        accepted: { failed: 0, blocked: 0 },
        stageEnteredAtMs: nowMs,
        atEntry: { ...rollout.atEntry, acted: 0 },
      },
      decisions: [{ kind: 'rollout-retried', ...naming(rollout), attempt, by, reason }],
    });
  },
} satisfies Record<OrderKind, Taker>;

/** Past a pause: what is broken now is accepted, and the time that passed in the pause is given back. */
function goOn(rollout: Rollout, { nowMs, moved }: Pick<OrderContext, 'nowMs' | 'moved'>): Rollout {
  const { pause, ...kept } = rollout;
  const pausedMs = nowMs - (pause?.atMs ?? nowMs);
  const later = (moment: Millis): Millis => (moment + pausedMs) as Millis; // a moment plus a length of time
  return {
    ...kept,
    accepted: { failed: moved.failed + moved.overdue, blocked: moved.blocked },
    stageEnteredAtMs: later(rollout.stageEnteredAtMs),
    ...(rollout.soakUntilMs === undefined ? {} : { soakUntilMs: later(rollout.soakUntilMs) }),
  };
}
