// Rehearsals that begin in the midst of an update: boards are taken as they were seen, wherever they were just then.

import { journalOf, parseSnapshot } from '@seatrial/controller/review';
import { millis } from '@seatrial/spec';
import { expect, test, vi } from 'vitest';
import { Chance } from '../src/chance.ts';
import { type RehearsalWish, rehearse, type Scenario } from '../src/index.ts';
import { Simulation, START_MS } from '../src/simulation.ts';
import { desiredOf, type FleetFile, RELEASES } from '../src/world.ts';

vi.setConfig({ testTimeout: 180_000 });

const MINUTE = 60_000;
const FLEET: FleetFile = {
  release: 'r-1',
  boards: ['hub-1', 'hub-2', 'hub-3'],
  stages: ['{ limit: 100% }'],
  successThreshold: 50,
  failureBudget: '100%',
  deviceTimeout: '2h',
  suspend: false,
  parked: false,
  windowHours: 0,
  bootTries: 2,
  isRemoved: false,
};

/** What each board was last heard to be, so long after the commit, under an OS that panics on the third of them. */
async function seenAfter(afterMs: number): Promise<NonNullable<RehearsalWish['seen']>> {
  const good = { os: [], firmware: [] };
  const bad: Scenario['natures'][number] = { os: [[RELEASES['r-2'].os, 'panics']], firmware: [] };
  const simulation = new Simulation({ seed: 3, fleet: FLEET, natures: [good, good, bad], happenings: [] });
  const giveBack = simulation.time.install(new Chance(3));
  try {
    simulation.start();
    await simulation.runUntil(30 * MINUTE);
    simulation.happen({ kind: 'push', release: 'r-2' });
    simulation.controller.office?.lookAtGit();
    await simulation.runUntil(30 * MINUTE + afterMs);
    const parsed = parseSnapshot(JSON.stringify(await simulation.controller.office?.snapshot()));
    if (!parsed.ok) throw new Error(parsed.error.join());
    return new Map(
      parsed.value.devices.map(board => [board.device, { observed: board.observed, journal: journalOf(board) }]),
    );
  } finally {
    giveBack();
  }
}

test.each(Array.from({ length: 12 }, (_, index) => 20 + 30 * index))(
  'when boards were seen %i s into their update, then they arrive or go back, and no promise breaks',
  async seconds => {
    const rehearsal = await rehearse({
      desired: desiredOf({ ...FLEET, release: 'r-2' }),
      seen: await seenAfter(1000 * seconds),
      seed: 1,
      mergedAtMs: millis(START_MS + 30 * MINUTE + 1000 * seconds),
      longestMs: 20 * 86_400_000,
      failures: {},
      faults: {},
      network: { class: 'ethernet', bytesPerSecond: 1_000_000 },
      commitBytes: 1_000_000,
      gates: 'open',
      approvals: 'given',
    });
    expect(rehearsal.violation).toBeUndefined();
    const [fleet] = rehearsal.fleets;
    // One that had failed by then remembers it; all others find the release good this time.
    const failed = (fleet?.leftBehind ?? []).map(({ device, reason }) => [device, reason]);
    expect([[], [['hub-3', 'os-fell-back']]]).toContainEqual(failed);
    expect(fleet?.end === 'completed' || failed.length > 0).toBe(true);
    expect(fleet?.standings.upToDate).toBe(3 - failed.length);
  },
);
