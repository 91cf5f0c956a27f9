// One thread of the nightly run: every n-th seed, until all threads together have done what was asked, or time is over.

import { parentPort, workerData } from 'node:worker_threads';
import { run, tell } from '@seatrial/simulator';
import { nightScenario } from './shapes.ts';

export interface Share {
  readonly firstSeed: number;
  readonly step: number;
  /** One number for all threads: board-updates so far. */
  readonly updates: SharedArrayBuffer;
  readonly wanted: number;
  /** On the clock of `Date`. */
  readonly untilMs: number;
}

export interface SeedRan {
  readonly seed: number;
  readonly boardUpdates: number;
  readonly events: number;
  readonly virtualMs: number;
  readonly faults: number;
  /** Of a broken promise. */
  readonly story?: string;
}

const { firstSeed, step, updates, wanted, untilMs } = workerData as Share; // from nightly.ts
const sofar = new Int32Array(updates);

for (let seed = firstSeed; Atomics.load(sofar, 0) < wanted && Date.now() < untilMs; seed += step) {
  const scenario = nightScenario(seed);
  const { violation, boardUpdates, events, virtualMs } = await run(scenario);
  Atomics.add(sofar, 0, boardUpdates);
  const story = violation === undefined ? {} : { story: await tell(scenario) };
  const faults = scenario.happenings.length;
  parentPort?.postMessage({ seed, boardUpdates, events, virtualMs, faults, ...story } satisfies SeedRan);
}
