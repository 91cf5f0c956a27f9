// The power fails: at every named point of a transaction, and at many seeded ones. After every cut the board comes back, and
// what it reports at rest is what is so.

import type { Report } from '@seatrial/capsule-plan';
import type { FirmwareVersion } from '@seatrial/spec';
import type { Stage } from '../host/stage.ts';
import { v } from '../host/workbench.ts';
import type { Variant } from '../image/system-variants.ts';
import { type Random, seeded } from './random.ts';
import { expectRest, expectThat, isAtRest, type Pair, type Scenario, startFromFactory } from './scenario.ts';

interface CutPoint {
  readonly name: string;
  /** The line on the serial log at which it has come. */
  readonly at: RegExp;
  readonly afterMs?: number;
}

/** Each transaction meets its points one after the other; the trial's boots must last for all of them. */
const TRANSACTIONS: readonly (readonly CutPoint[])[] = [
  [
    { name: 'mid capsule copy', at: /place seatrial-/, afterMs: 700 },
    { name: 'capsule in place, nothing asked for', at: /ask the firmware to take/ },
    { name: 'asked for, not rebooted', at: /reboot, so that the firmware takes/ },
    { name: 'while the firmware takes it', at: /FIRMWARE .*: installed/ },
  ],
  [
    { name: 'before the loader swap', at: /TEST-BOARD pauses before the loader swap/ },
    { name: 'after the loader swap', at: /TEST-BOARD pauses after the loader swap/ },
    { name: 'between deploy and reboot', at: /reboot into the new OS/ },
  ],
  [
    { name: 'before blessing', at: /bless the running OS/ },
    { name: 'between blessing and firmware commit', at: /commit firmware/ },
  ],
];

/** So much that the copy takes a while. */
const LARGE_CAPSULE_BYTES = 24 * 1024 * 1024;
const PAUSE_IN_SWAP = 'touch /run/test-board-pause';

export const namedPoints: Scenario = {
  name: 'power-cut-named-points',
  expected: 'power fails at each named point; the board converges, or goes back and names the reason',
  play: async stage => {
    const { board } = stage;
    await startFromFactory(stage);
    let before: Pair = stage.factory;
    for (const [index, points] of TRANSACTIONS.entries()) {
      const wanted = pairAfter(index);
      await board.shell(PAUSE_IN_SWAP);
      const rolledAt = stage.reports.length;
      const from = board.log.length;
      await stage.roll({
        firmware: { version: wanted.firmware, imageBytes: index === 0 ? LARGE_CAPSULE_BYTES : 4_096 },
        os: wanted.os,
      });
      await cutAtEach(stage, points, { from, keepPausing: index === 1 });
      before = await expectTruthAtRest(stage, { before, wanted, rolledAt });
    }
  },
};

async function cutAtEach(
  stage: Stage,
  points: readonly CutPoint[],
  { from, keepPausing }: { readonly from: number; readonly keepPausing: boolean },
): Promise<void> {
  const { board } = stage;
  let position = from;
  for (const { at, afterMs = 0 } of points) {
    await board.says(at, { from: position });
    if (afterMs > 0) await new Promise(resolve => setTimeout(resolve, afterMs));
    await board.cutPower();
    position = board.log.length;
    await board.powerOn();
    if (!keepPausing) continue;
    await board.comesUp({ from: position });
    await board.shell(PAUSE_IN_SWAP);
  }
}

/** Versions only rise; the systems alternate. */
const pairAfter = (index: number): Pair => ({
  firmware: nextVersion(index),
  os: SYSTEMS[index % SYSTEMS.length] ?? 'good',
});
const SYSTEMS: readonly Variant[] = ['good', 'better', 'factory'];
const nextVersion = (index: number): FirmwareVersion => v(2 + index);

interface Truth {
  readonly before: Pair;
  readonly wanted: Pair;
  /** Reports from here on may speak of this transaction. */
  readonly rolledAt: number;
}

/** Waits for the board's last word and holds it against what is so. Returns the pair that it has come to rest on. */
async function expectTruthAtRest(stage: Stage, { before, wanted, rolledAt }: Truth): Promise<Pair> {
  const planBefore = stage.reports[rolledAt - 1]?.plan?.payloadHash;
  const last = await stage.reported(
    'its last word',
    report => report.plan?.payloadHash !== planBefore && isAtRest(report),
  );
  const pair = last.phase === 'converged' ? wanted : before;
  await expectRest(stage, pair);
  expectThat(stage, 'an attempt that failed has a reason', {
    holds: last.phase === 'converged' || hasReason(last),
    seen: last.failures,
  });
  return pair;
}

const hasReason = ({ failures }: Report): boolean => (failures.at(-1)?.failure.reason ?? '') !== '';

export interface CutOptions {
  readonly seed: number;
  readonly cuts: number;
}

/** A boot and its transaction say about so many lines. */
const LINES_IN_A_LIFE = 220;

export const randomPoints = ({ seed, cuts }: CutOptions): Scenario => ({
  name: 'power-cut-random',
  expected: `power fails ${cuts} times at random moments (seed ${seed}); every transaction ends in what is reported`,
  play: async stage => {
    const random = seeded(seed);
    await startFromFactory(stage);
    let before: Pair = stage.factory;
    const cutter = cutAgainAndAgain(stage, { random, cuts });
    for (let index = 0; cutter.left() > 0; index += 1) {
      const wanted = pairAfter(index);
      const rolledAt = stage.reports.length;
      await stage.roll({ firmware: { version: wanted.firmware }, os: wanted.os });
      before = await cutter.undisturbed(() => expectTruthAtRest(stage, { before, wanted, rolledAt }));
    }
  },
});

interface Cutter {
  /** Cuts that are still to come. */
  left(): number;
  /** Waits, while cuts go on; then looks in peace. */
  undisturbed<T>(act: () => Promise<T>): Promise<T>;
}

/** Cuts after a random number of lines, again and again, until all cuts are made. */
function cutAgainAndAgain(stage: Stage, { random, cuts }: { readonly random: Random; readonly cuts: number }): Cutter {
  const { board } = stage;
  let left = cuts;
  let lines = random.below(LINES_IN_A_LIFE);
  let paused = false;
  let cutting = Promise.resolve();
  board.log.onLine(() => {
    if (left === 0 || paused || !board.poweredOn) return;
    lines -= 1;
    if (lines > 0) return;
    left -= 1;
    lines = 1 + random.below(LINES_IN_A_LIFE);
    paused = true;
    cutting = board.cutPower().then(async () => {
      paused = false;
      await board.powerOn();
    });
  });
  return {
    left: () => left,
    undisturbed: async act => {
      for (;;) {
        const leftBefore = left;
        try {
          const result = await act();
          await cutting;
          return result;
        } catch (error) {
          // The power went while we looked: that look says nothing.
          if (left === leftBefore) throw error;
          await cutting;
        }
      }
    },
  };
}
