// When a rollout would end: stages, soaks, windows in the boards' own zones, turns to download, and boards that do not come.

import { millis, parseCron, parseTimeZone, type ResolvedFleet } from '@seatrial/spec';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { forecast } from '../../src/review/forecast.ts';
import { foresee } from '../../src/review/foresight.ts';
import { observedFleet, type RolloutForecast } from '../../src/review/index.ts';
import { need } from '../support/told-board.ts';
import { desiredOf, filesOf, NEWER, RELEASES } from '../support/written-fleet.ts';
import { edited, NOW, reviewOf, type Scene, type SceneBoard, snapshotOf } from './scene.ts';

const at = (text: string): number => Date.parse(`2026-11-${text}Z`);
const HUBS = Array.from({ length: 10 }, (_, n) => `hub-${n}`);
const HUB_FLEET = desiredOf({ devices: HUBS, release: 'r-2' });
const hubs = (change: (n: number) => Partial<SceneBoard> = () => ({})): readonly SceneBoard[] =>
  HUBS.map((device, n) => ({ device, ...change(n) }));

/** Merged on the 21st at noon; the fleet has ten boards. */
function forecastOf(fleet: { stages?: readonly string[]; [key: string]: unknown }, scene: Scene = {}): RolloutForecast {
  const written = { devices: HUBS, ...fleet };
  const review = reviewOf({ base: written, head: { ...written, release: 'r-2' }, boards: hubs(), ...scene });
  return need(review.fleets[0]?.rollout);
}

const withWindow = (fleet: object, timeZone = 'device') => {
  const written = { devices: HUBS, release: 'r-2', ...fleet };
  const window = `  windows: [{ start: "0 2 * * *", duration: 3h, timeZone: ${timeZone} }]\n  trial:`;
  return edited(written, {
    'field/fleet.yaml': need(filesOf(written).get('field/fleet.yaml')).replace('  trial:', window),
  });
};

describe('when nothing holds boards back', () => {
  test('then a rollout takes as long as its soaks, the last one too', () => {
    const forecast = forecastOf({
      stages: ['{ limit: 10%, soak: 24h }', '{ limit: 50%, soak: 2h }', '{ limit: 100%, soak: 1h }'],
    });
    expect(forecast.stages.map(({ boards, startsMs, endsMs }) => [boards, startsMs, endsMs])).toEqual([
      [1, at('21T12:00'), at('22T12:00')],
      [5, at('22T12:00'), at('22T14:00')],
      [10, at('22T14:00'), at('22T15:00')],
    ]);
    expect(forecast.earliestEndMs).toBe(at('22T15:00'));
  });

  test('then roles whose approval a stage needs are named with it', () => {
    const { stages } = forecastOf({ approvals: ['{ role: ground-crew, stage: 2 }'] });
    expect(stages.map(({ approvals }) => approvals)).toEqual([[], ['ground-crew']]);
  });
});

describe('when there is a window', () => {
  test('then each stage waits for the next one', () => {
    const head = withWindow({ stages: ['{ limit: 1, soak: 4h }', '{ limit: 100% }'] }, 'UTC');
    const { stages, earliestEndMs } = forecastOf({}, { head });
    expect(stages.map(({ startsMs }) => startsMs)).toEqual([at('21T12:00'), at('22T06:00')]);
    expect(earliestEndMs).toBe(at('23T02:00'));
  });

  test('then a board in a zone further west comes through later', () => {
    const head = withWindow({ stages: ['{ limit: 100% }'] });
    const boards = hubs(n => ({ timeZone: n === 0 ? 'America/New_York' : 'Europe/Berlin' }));
    expect(forecastOf({}, { head, boards }).earliestEndMs).toBe(at('22T07:00'));
    const allInBerlin = hubs(() => ({ timeZone: 'Europe/Berlin' }));
    expect(forecastOf({}, { head, boards: allInBerlin }).earliestEndMs).toBe(at('22T01:00'));
  });
});

describe('when downloads take turns', () => {
  test('then the last board of the fleet is through after its own', () => {
    const atOnce = need(forecastOf({ stages: ['{ limit: 100% }'] }).earliestEndMs);
    const inTurns = need(forecastOf({ stages: ['{ limit: 100% }'], jitter: '1h' }).earliestEndMs);
    expect(inTurns).toBeGreaterThan(atOnce);
    expect(inTurns).toBeLessThanOrEqual(atOnce + 3_600_000);
  });

  test('then a rate limit counts as well', () => {
    const written = { devices: HUBS, release: 'r-2', stages: ['{ limit: 100% }'] };
    const slow = edited(written, {
      'field/fleet.yaml': need(filesOf(written).get('field/fleet.yaml')).replace(
        'jitter: 0s',
        'jitter: 0s, maxRate: 1B/s',
      ),
    });
    expect(forecastOf({}, { head: slow }).earliestEndMs).toBe(at('21T12:00') + 1024 * 1000);
  });
});

describe('when boards do not come', () => {
  test('then the last stage gives up waiting for them after their time', () => {
    const { earliestEndMs } = forecastOf(
      { stages: ['{ limit: 100% }'] },
      { boards: hubs(n => ({ unreachable: n === 3 })) },
    );
    expect(earliestEndMs).toBe(at('21T18:00'));
  });

  test('then a rollout without any board that can act waits, and says for what', () => {
    const forecast = forecastOf({}, { boards: hubs(() => ({ unreachable: true })) });
    expect(forecast).toMatchObject({ halts: expect.any(String) });
    expect(forecast.earliestEndMs).toBeUndefined();
  });

  test('then boards that are there already are not waited for', () => {
    expect(forecastOf({ stages: ['{ limit: 100% }'] }, { boards: hubs(() => ({ runs: NEWER })) }).earliestEndMs).toBe(
      at('21T12:00'),
    );
  });
});

describe('when boards can not succeed', () => {
  const payloadHash = need(desiredOf({ releases: RELEASES }).releases.find(({ name }) => name === 'r-2')).payloadHash;
  const failed = (n: number) => hubs(at => (at < n ? { failed: { payloadHash } } : {}));

  test('then the budget decides whether the rollout ends', () => {
    expect(forecastOf({ failureBudget: '2', successThreshold: '80%' }, { boards: failed(2) }).halts).toBeUndefined();
    expect(forecastOf({ failureBudget: '1', successThreshold: '80%' }, { boards: failed(2) }).halts).toBeDefined();
  });

  test('then the success threshold does so too, as early as it can be seen', () => {
    const boards = hubs(n => ({ espFreeBytes: n < 5 ? 0 : 1e9 }));
    const { stages, halts } = forecastOf(
      { stages: ['{ limit: 50% }', '{ limit: 100% }'], successThreshold: '60%' },
      { boards },
    );
    expect([stages.length, halts === undefined]).toEqual([2, false]);
  });
});

describe('whatever the fleet and its boards', () => {
  const fleet = need(HUB_FLEET.fleets[0]);
  const target = need(HUB_FLEET.targets[0]);
  const sorts: readonly Partial<SceneBoard>[] = [
    {},
    { runs: NEWER },
    { unreachable: true },
    { espFreeBytes: 0 },
    { timeZone: 'Asia/Tokyo' },
  ];
  const hours = (most: number) => fc.nat(most).map(count => millis(count * 3_600_000));
  const rollouts: fc.Arbitrary<ResolvedFleet['rollout']> = fc.record({
    stages: fc
      .tuple(
        fc.uniqueArray(fc.integer({ min: 1, max: 9 }), { maxLength: 4 }),
        fc.array(hours(72), { minLength: 5, maxLength: 5 }),
      )
      .map(([limits, soaks]) =>
        [...limits.sort((a, b) => a - b).map(count => ({ count })), { percent: 100 }].map((limit, n) => ({
          limit,
          soakMs: soaks[n] ?? millis(0),
        })),
      ),
    successThreshold: fc.constantFrom(1, 50, 100),
    failureBudget: fc.constantFrom({ count: 0 }, { percent: 50 }),
    deviceTimeoutMs: hours(71).map(ms => millis(ms + 600_000)),
    onFailure: fc.constant('pause' as const),
    approvals: fc.constant([]),
  });
  const policies = fc.record({ jitterMs: hours(6), hasWindow: fc.boolean() }).map(({ jitterMs, hasWindow }) => ({
    ...target.policy,
    download: { ...target.policy.download, jitterMs },
    windows: hasWindow
      ? [
          {
            start: need(parseCron('0 2 * * *')),
            durationMs: millis(7_200_000),
            timeZone: need(parseTimeZone('device')),
          },
        ]
      : [],
  }));

  test('then a forecast comes to an end, in stages that grow and follow upon each other', () => {
    fc.assert(
      fc.property(
        rollouts,
        policies,
        fc.array(fc.constantFrom(...sorts), { minLength: 10, maxLength: 10 }),
        (rollout, policy, kinds) => {
          const snapshot = observedFleet(snapshotOf({ boards: hubs(n => kinds[n] ?? {}) }));
          const boards = HUB_FLEET.targets.map(each => foresee({ target: { ...each, policy } }, snapshot, NOW));
          const { payloadHash } = target;
          const { stages, earliestEndMs, halts } = forecast({
            fleet: { ...fleet, rollout, policy },
            boards,
            payloadHash,
            nowMs: NOW,
          });
          expect((earliestEndMs === undefined) !== (halts === undefined)).toBe(true);
          for (const [at, stage] of stages.entries()) {
            expect(stage.startsMs).toBe(stages[at - 1]?.endsMs ?? NOW);
            expect(stage.boards).toBeGreaterThanOrEqual(stages[at - 1]?.boards ?? 1);
          }
          expect(earliestEndMs ?? Number.POSITIVE_INFINITY).toBeGreaterThanOrEqual(stages.at(-1)?.startsMs ?? NOW);
          const allCan = kinds.every(
            ({ unreachable, espFreeBytes }) => unreachable === undefined && espFreeBytes === undefined,
          );
          const goesThrough = halts === undefined && stages.length === rollout.stages.length;
          expect(goesThrough || !allCan).toBe(true);
        },
      ),
      { numRuns: 500 },
    );
  });
});
