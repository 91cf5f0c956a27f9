// What an engineer may order when, and what git begins and ends.

import { millis } from '@seatrial/spec';
import { describe, expect, test } from 'vitest';
import type { Rollout } from '../../src/domain/rollout.ts';
import { cancel, type OrderKind, startRollout, supersede, takeOrder } from '../../src/domain/rollout-orders.ts';
import { NO_BOARDS } from '../../src/domain/tallies.ts';
import { aRollout, HOUR_MS, tallyOf } from '../support/paper-rollout.ts';
import { NOW_MS } from '../support/told-board.ts';
import { gitCommit } from '../support/written-fleet.ts';

const order = (kind: OrderKind, rollout: Rollout, moved = NO_BOARDS) =>
  takeOrder(kind, rollout, { by: 'ada', reason: 'said so', nowMs: millis(NOW_MS), moved });

const PAUSED: Partial<Rollout> = {
  stage: 1,
  pause: { reason: 'failure-budget', message: '1 board failed, 0 may', atMs: millis(NOW_MS - 2 * HOUR_MS) },
};

describe('when an engineer gives an order', () => {
  test.each<readonly [OrderKind, string, Partial<Rollout>, string]>([
    ['pause', 'that is paused', PAUSED, 'rollout-paused'],
    ['resume', 'that is not paused', { stage: 1 }, 'rollout-not-paused'],
    ['promote', 'that has not begun', {}, 'rollout-not-begun'],
    ['retry', 'that has not begun', {}, 'rollout-not-begun'],
    ['pause', 'that is completed', { outcome: 'completed' }, 'rollout-done'],
    ['resume', 'that is superseded', { ...PAUSED, outcome: 'superseded' }, 'rollout-done'],
    ['retry', 'that is cancelled', { stage: 1, outcome: 'cancelled' }, 'rollout-done'],
  ])('to %s a rollout %s, then it is refused', (kind, _which, rollout, error) => {
    expect(order(kind, aRollout(rollout))).toEqual({ ok: false, error });
  });

  test.each<readonly [OrderKind, Partial<Rollout>, string]>([
    ['pause', { stage: 1 }, 'rollout-paused'],
    ['resume', PAUSED, 'rollout-resumed'],
    ['promote', PAUSED, 'stage-promoted'],
    ['promote', { stage: 2 }, 'stage-promoted'],
    ['retry', PAUSED, 'rollout-retried'],
  ])('to %s, then who and why are part of the decision', (kind, rollout, decision) => {
    const taken = order(kind, aRollout(rollout));
    expect(taken).toMatchObject({ ok: true, value: { decisions: [{ kind: decision, by: 'ada' }] } });
  });

  test('to resume, then the time of the pause is given back to stage and soak', () => {
    const soaking = aRollout({
      ...PAUSED,
      stageEnteredAtMs: millis(NOW_MS - 3 * HOUR_MS),
      soakUntilMs: millis(NOW_MS),
    });
    expect(order('resume', soaking)).toMatchObject({
      value: {
        rollout: { stageEnteredAtMs: NOW_MS - HOUR_MS, soakUntilMs: NOW_MS + 2 * HOUR_MS },
      },
    });
  });

  test('to resume, then what is broken now is accepted; to retry, then nothing is', () => {
    const moved = tallyOf({ failed: 2, overdue: 1, blocked: 4 });
    expect(order('resume', aRollout(PAUSED), moved)).toMatchObject({
      value: { rollout: { accepted: { failed: 3, blocked: 4 } } },
    });
    const accepted = aRollout({ ...PAUSED, accepted: { failed: 3, blocked: 4 } });
    expect(order('retry', accepted, moved)).toMatchObject({
      value: { rollout: { attempt: 2, accepted: { failed: 0, blocked: 0 } } },
    });
  });
});

describe('when git wants something else', () => {
  const { fleet, release, payloadHash } = aRollout();
  const beginning = { fleet, release, payloadHash, gitCommit: gitCommit('2'), nowMs: millis(NOW_MS), boards: 4 };

  test('then the next rollout has the next number and a salt of its own', () => {
    const before = [aRollout(), aRollout({ number: 7, id: 'field-r7' })];
    const { rollout } = startRollout({ ...beginning, before });
    expect(rollout).toMatchObject({ id: 'field-r8', stage: 0, attempt: 1 });
    expect(rollout.salt).not.toBe(aRollout().salt);
    expect(startRollout({ ...beginning, before }).rollout.salt).toBe(rollout.salt);
  });

  test('then a rollout that is under way ends, and one that has ended stays as it was', () => {
    expect(supersede(aRollout({ stage: 1 }), 'field-r2').rollout.outcome).toBe('superseded');
    expect(cancel(aRollout({ stage: 1 })).rollout.outcome).toBe('cancelled');
    const completed = aRollout({ outcome: 'completed' });
    expect(supersede(completed, 'field-r2')).toEqual({ rollout: completed, decisions: [] });
  });
});
