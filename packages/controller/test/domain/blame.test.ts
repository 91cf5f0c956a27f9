// Whose doing it is that a board runs what it runs.

import { type DeviceId, millis } from '@seatrial/spec';
import { describe, expect, test } from 'vitest';
import { blame } from '../../src/domain/blame.ts';
import { cohortOrder } from '../../src/domain/cohort.ts';
import type { Decision, RecordedDecision } from '../../src/domain/decision.ts';
import { FIELD } from '../support/fleet-simulation.ts';
import { aRollout } from '../support/paper-rollout.ts';
import { deviceId, NOW_MS, need } from '../support/told-board.ts';
import { desiredOf, gitCommit } from '../support/written-fleet.ts';

const DEVICES = ['hub-1', 'hub-2', 'hub-3', 'hub-4'];
const desired = desiredOf({
  devices: [...DEVICES, { id: 'hub-5', pin: 'r-1' }],
  stages: ['{ limit: 1 }', '{ limit: 50% }', '{ limit: 100% }'],
  approvals: ['{ role: operator, stage: 2 }'],
  given: [{ role: 'operator', stage: 2 }],
});
const rollout = aRollout({
  payloadHash: need(desired.targets[0]).payloadHash,
  release: need(desired.targets[0]).release,
});

const about = { fleet: FIELD, rollout: rollout.id };
const decided = (...decisions: Decision[]): RecordedDecision[] =>
  decisions.map((decision, index) => ({ id: `a-${index}`, atMs: millis(NOW_MS + index), decision }));
const started: Decision = {
  kind: 'rollout-started',
  ...about,
  release: rollout.release,
  gitCommit: gitCommit('1'),
  boards: 4,
};
const entered = (stage: number, boards: number): Decision => ({
  kind: 'stage-entered',
  ...about,
  stage,
  stages: 3,
  boards,
  cohort: 4,
});
const failed = (device: DeviceId): Decision => ({
  kind: 'board-failed',
  ...about,
  device,
  attempt: 1,
  reason: 'unhealthy',
  message: 'no',
});

/** The boards in the order of their turn. */
const order = Array.from(cohortOrder(rollout.salt, DEVICES.map(deviceId)), place => deviceId(need(DEVICES[place])));
const [first, second, third, last] = order.map(need);

const history = {
  rollouts: [rollout],
  decisions: decided(started, entered(1, 1), failed(need(first)), entered(2, 2), entered(3, 4)),
};
const kindsFor = (device: DeviceId | undefined) =>
  blame(need(device), desired, history)?.decisions.map(({ decision }) => decision.kind);

describe('when a board follows its fleet', () => {
  test('then its place and the stage that let it in are named', () => {
    expect(order.map(device => blame(device, desired, history)?.turn)).toEqual([
      { place: 1, cohort: 4, stage: 1 },
      { place: 2, cohort: 4, stage: 2 },
      { place: 3, cohort: 4, stage: 3 },
      { place: 4, cohort: 4, stage: 3 },
    ]);
  });

  test('then decisions about other boards and later stages are left out', () => {
    expect(kindsFor(first)).toEqual(['rollout-started', 'stage-entered', 'board-failed']);
    expect(kindsFor(second)).toEqual(['rollout-started', 'stage-entered', 'stage-entered']);
    expect(kindsFor(last)).toEqual(['rollout-started', 'stage-entered', 'stage-entered', 'stage-entered']);
  });

  test('then an approval counts for the boards that it let in, and for no earlier stage', () => {
    expect(blame(need(first), desired, history)?.approvals).toEqual([]);
    expect(blame(need(third), desired, history)?.approvals).toMatchObject([{ role: 'operator', stage: 2 }]);
  });

  test('then it has no stage while none has let it in, and the last one where the rollout is complete', () => {
    const early = { ...history, decisions: history.decisions.slice(0, 2) };
    expect(blame(need(last), desired, early)?.turn).toEqual({ place: 4, cohort: 4 });
    const complete = { rollouts: [{ ...rollout, stage: 3, outcome: 'completed' as const }], decisions: [] };
    expect(blame(need(last), desired, complete)?.turn).toEqual({ place: 4, cohort: 4, stage: 3 });
  });

  test('then the newest rollout of this very payload counts', () => {
    const again = { ...rollout, id: 'field-r3', number: 3 };
    const other = { ...rollout, id: 'field-r4', number: 4, payloadHash: need(desired.releases[2]).payloadHash };
    expect(blame(need(first), desired, { rollouts: [again, other, rollout], decisions: [] })?.rollout?.id).toBe(
      'field-r3',
    );
  });
});

describe('when no rollout has a part in it', () => {
  test('then a pinned board has its pin alone', () => {
    expect(blame(deviceId('hub-5'), desired, history)).toMatchObject({ target: { pinned: true }, decisions: [] });
    expect(blame(deviceId('hub-5'), desired, history)?.rollout).toBeUndefined();
  });

  test('then a device that git does not list is nobody’s', () => {
    expect(blame(deviceId('stranger'), desired, history)).toBeUndefined();
  });
});
