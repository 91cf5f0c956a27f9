// Rehearsals: what is merged is lived through, and the answer is what the fleet's own files ask for.

import { type Observed, openFacts } from '@seatrial/capsule-plan';
import { bytes, type DesiredState, type DeviceId, millis } from '@seatrial/spec';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { type FleetRehearsal, type Rehearsal, type RehearsalWish, rehearse } from '../src/index.ts';
import { desiredOf, type FleetFile } from '../src/world.ts';
import { observedBoard } from './observed-board.ts';

/** Days of whole fleets on a machine that has other things to do as well. */
vi.setConfig({ testTimeout: 180_000 });

const DAY = 86_400_000;
const MERGED_AT = millis(Date.UTC(2026, 0, 5, 9));

const fleetOf = (changes: Partial<FleetFile> & { readonly count?: number } = {}): DesiredState => {
  const { count = 6, ...file } = changes;
  return desiredOf({
    release: 'r-2',
    boards: Array.from({ length: count }, (_, index) => `hub-${index + 1}`),
    stages: ['{ limit: 1, soak: 1h }', '{ limit: 50%, soak: 2h }', '{ limit: 100% }'],
    successThreshold: 50,
    failureBudget: '0',
    deviceTimeout: '2h',
    suspend: false,
    parked: false,
    windowHours: 0,
    bootTries: 2,
    isRemoved: false,
    ...file,
  });
};

const wishOf = (desired: DesiredState, changes: Partial<RehearsalWish> = {}): RehearsalWish => ({
  desired,
  seed: 1,
  mergedAtMs: MERGED_AT,
  longestMs: 30 * DAY,
  failures: {},
  faults: {},
  network: { class: 'ethernet', bytesPerSecond: 1_000_000 },
  commitBytes: 60_000_000,
  gates: 'open',
  approvals: 'given',
  ...changes,
});

const only = ({ fleets }: Rehearsal): FleetRehearsal => {
  const [fleet] = fleets;
  if (fleet === undefined) throw new Error('the test needs a fleet');
  return fleet;
};

const run = (desired: DesiredState, changes: Partial<RehearsalWish> = {}) => rehearse(wishOf(desired, changes));

describe('when a good release is rehearsed', () => {
  test('then every board arrives, through all stages and soaks, and is counted once', async () => {
    const rehearsal = await run(fleetOf());
    const fleet = only(rehearsal);
    expect(rehearsal).toMatchObject({ completes: true, cutShort: false });
    expect(rehearsal.violation).toBeUndefined();
    expect(fleet).toMatchObject({
      end: 'completed',
      cohort: 6,
      moved: 6,
      failed: 0,
      leftBehind: [],
      commitsPulled: 6,
      osWentBack: 0,
      firmwareWentBack: 0,
      reboots: 12,
      standings: { upToDate: 6 },
    });
    expect(fleet.stages.map(({ stage, boards, moved }) => [stage, boards, moved])).toEqual([
      [1, 1, 1],
      [2, 3, 2],
      [3, 6, 3],
    ]);
    for (const { soakMs, soakedFromMs, soakedUntilMs, endedAtMs = 0 } of fleet.stages.slice(0, 2)) {
      expect((soakedUntilMs ?? 0) - (soakedFromMs ?? 0)).toBe(soakMs);
      expect(endedAtMs).toBeGreaterThanOrEqual(soakedUntilMs ?? Number.POSITIVE_INFINITY);
    }
    expect((fleet.completedAtMs ?? 0) - MERGED_AT).toBeGreaterThan(3 * 3_600_000);
  });

  test('then a slow network takes longer by what it is slower', async () => {
    const atRate = async (bytesPerSecond: number) =>
      only(await run(fleetOf({ stages: ['{ limit: 100% }'] }), { network: { class: 'cellular', bytesPerSecond } }));
    const [fast, slow] = [await atRate(1_000_000), await atRate(10_000)];
    const differenceMs = (slow.completedAtMs ?? 0) - (fast.completedAtMs ?? 0);
    // 60 MB at 10 kB/s are 6000 s, at 1 MB/s 60 s.
    expect(Math.abs(differenceMs - 5_940_000)).toBeLessThan(600_000);
  });

  test('then nothing disruptive happens outside of the windows', async () => {
    const fleet = only(await run(fleetOf({ windowHours: 2 })));
    expect(fleet).toMatchObject({ end: 'completed', failed: 0 });
    expect(fleet.heldBy).toContainEqual({ reason: 'window-closed', boards: expect.any(Number) });
    expect(fleet.windows.every(({ fromMs, untilMs }) => untilMs - fromMs <= 2 * 3_600_000)).toBe(true);
    expect(new Date(fleet.windows[0]?.fromMs ?? 0).getUTCHours()).toBe(22);
    // Not before the first window after the merge.
    expect(fleet.stages[0]?.soakedFromMs).toBeGreaterThanOrEqual(Date.UTC(2026, 0, 5, 22));
  });

  test('then the same seed is the same answer, and another one is not', async () => {
    const answer = async (seed: number) =>
      JSON.stringify(await run(fleetOf(), { seed, faults: { power: 60, 'cut-off': 60, offline: 60 } }));
    const first = await answer(7);
    expect(await answer(7)).toBe(first);
    expect(await answer(8)).not.toBe(first);
  });
});

describe('when the release fails on some boards', () => {
  test('then the rollout stops once more have failed than may, and who was spared is told', async () => {
    const rehearsal = await run(fleetOf({ count: 8, failureBudget: '1' }), { failures: { unhealthy: 50 } });
    const fleet = only(rehearsal);
    expect(rehearsal.completes).toBe(false);
    expect(fleet).toMatchObject({ end: 'paused', failuresAllowed: 1, pause: { reason: 'failure-budget' } });
    expect(fleet.failed).toBeGreaterThan(1);
    expect(fleet.osWentBack).toBe(fleet.failed);
    expect(fleet.firmwareWentBack).toBe(fleet.failed);
    expect(fleet.leftBehind).toHaveLength(8 - fleet.standings.upToDate);
    expect(fleet.leftBehind.filter(({ standing }) => standing === 'failed')).toHaveLength(fleet.failed);
    const { moved = 0, untouched = 0 } = fleet.pause ?? {};
    expect(moved + untouched).toBe(8);
  });

  test.each([
    ['unhealthy', 'os-unhealthy'],
    ['panic', 'os-fell-back'],
    ['hang', 'os-unhealthy'],
    ['refused', 'capsule-refused'],
  ] as const)('then %s boards go back and say %s', async (kind, reason) => {
    const fleet = only(
      await run(fleetOf({ failureBudget: '100%', stages: ['{ limit: 100% }'] }), { failures: { [kind]: 34 } }),
    );
    expect(fleet.failedBy).toEqual([{ reason, boards: 3 }]);
    expect(fleet.leftBehind.map(board => board.reason)).toEqual([reason, reason, reason]);
    expect(fleet.standings).toMatchObject({ failed: 3, upToDate: 3 });
  });

  test('then never more are moved than the budget and those already in flight, whatever the fleet', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          count: fc.integer({ min: 1, max: 9 }),
          failureBudget: fc.constantFrom('0', '1', '2', '50%'),
          stages: fc.constantFrom(
            ['{ limit: 100% }'],
            ['{ limit: 1 }', '{ limit: 100% }'],
            ['{ limit: 1, soak: 1h }', '{ limit: 50% }', '{ limit: 100% }'],
          ),
          share: fc.constantFrom(0, 20, 50, 100),
          seed: fc.nat(1_000),
        }),
        async ({ share, seed, ...file }) => {
          const rehearsal = await run(fleetOf(file), { seed, failures: { unhealthy: share } });
          const fleet = only(rehearsal);
          expect(rehearsal.violation).toBeUndefined();
          expect(fleet.failed).toBeLessThanOrEqual(Math.ceil((share * file.count) / 100));
          expect(rehearsal.completes).toBe(fleet.standings.upToDate === file.count);
          expect(rehearsal.completes || share > 0).toBe(true);
          // Whoever was moved when it stopped is all that was ever moved.
          const { moved, failed, inMotion } = fleet.pause ?? { ...fleet, inMotion: 0 };
          expect(fleet.moved).toBe(moved);
          expect(fleet.failed).toBeLessThanOrEqual(failed + inMotion);
        },
      ),
      { numRuns: 12, seed: 5 },
    );
  });
});

describe('when boards are not as they should be', () => {
  test('then one that has given up is named, and the others go on', async () => {
    const rehearsal = await run(fleetOf({ stages: ['{ limit: 100% }'] }), { faults: { dead: 30 }, seed: 4 });
    const fleet = only(rehearsal);
    const silent = fleet.leftBehind.filter(({ standing }) => standing === 'unreachable');
    expect(silent.length).toBeGreaterThan(0);
    expect(silent).toHaveLength(fleet.leftBehind.length);
    expect(fleet.standings.upToDate).toBe(6 - silent.length);
  });

  test('then a gate that stays closed holds the rollout, and is named', async () => {
    const fleet = only(await run(fleetOf({ parked: true, count: 2 }), { gates: 'observed', longestMs: 10 * DAY }));
    expect(fleet.end).not.toBe('completed');
    expect(fleet.standings.upToDate).toBe(0);
    expect(fleet.heldBy).toContainEqual({ reason: 'gate-parked', boards: 1 });
    expect(fleet.reboots).toBe(0);
  });

  test('then faults of the field leave a good release to arrive', async () => {
    const rehearsal = await run(fleetOf({ count: 10 }), {
      faults: { power: 60, outage: 30, offline: 50, 'cut-off': 50, kill: 30, controller: 2, broker: 1 },
    });
    expect(rehearsal.violation).toBeUndefined();
    expect(only(rehearsal)).toMatchObject({ end: 'completed', standings: { upToDate: 10 } });
    expect(only(rehearsal).starts).toBeGreaterThan(only(rehearsal).reboots);
  });
});

describe('when boards were observed', () => {
  const device = (id: string): DeviceId => {
    const found = fleetOf().targets.find(target => target.device === id)?.device;
    if (found === undefined) throw new Error(id);
    return found;
  };
  const seen = (entries: Readonly<Record<string, Observed>>): NonNullable<RehearsalWish['seen']> =>
    new Map(
      Object.entries(entries).map(([id, observed]) => [
        device(id),
        { observed, journal: { schema: 1 as const, failures: [] } },
      ]),
    );

  test('then they start as they were: one is there already, one has no room, one was never seen', async () => {
    const full = observedBoard('r-1');
    const fleet = only(
      await run(fleetOf({ count: 4, stages: ['{ limit: 100% }'], failureBudget: '100%' }), {
        longestMs: 10 * DAY,
        seen: seen({
          'hub-1': observedBoard('r-1'),
          'hub-2': observedBoard('r-2'),
          'hub-3': { ...full, esp: { ...full.esp, freeBytes: bytes(10) } },
        }),
      }),
    );
    const standing = new Map(fleet.leftBehind.map(board => [board.device as string, [board.standing, board.reason]]));
    expect(standing.get('hub-3')).toEqual(['blocked', 'esp-full']);
    expect(standing.get('hub-4')?.[0]).toBe('unreachable');
    expect([...standing.keys()].sort()).toEqual(['hub-3', 'hub-4']);
    expect(fleet.commitsPulled).toBe(1);
    expect(fleet.standings.upToDate).toBe(2);
  });

  test('then their own gates count where asked for', async () => {
    const parked = {
      ...observedBoard('r-1'),
      facts: openFacts(fleetOf().targets[0]?.policy.gates ?? never(), { parked: true }),
    };
    const fleet = only(
      await run(fleetOf({ count: 2, parked: true, stages: ['{ limit: 100% }'] }), {
        gates: 'observed',
        longestMs: 10 * DAY,
        seen: seen({ 'hub-1': parked, 'hub-2': { ...parked, facts: { parked: false } } }),
      }),
    );
    expect(fleet.standings).toMatchObject({ upToDate: 1, gated: 1 });
    expect(fleet.leftBehind.map(board => [board.device, board.reason])).toEqual([['hub-2', 'gate-parked']]);
  });
});

const never = (): never => {
  throw new Error('the test needs a value here');
};
