// One seeded run from the first power-on to the rest after the last fault, and what became of the promises.

import { Chance } from './chance.ts';
import type { Violation } from './promises.ts';
import { FAULTS_END_MS, type Scenario } from './scenario.ts';
import { Simulation, type Tampering } from './simulation.ts';

const HOUR = 3_600_000;
/** So long after the last fault the fleet must have come to rest. */
const REST_BY_MS = FAULTS_END_MS + 96 * HOUR;
const WATCH_MS = 4 * HOUR;

export interface Ran {
  readonly violation: Violation | undefined;
  readonly events: number;
  /** Boards that went from one pair to another, or tried to. */
  readonly boardUpdates: number;
  readonly virtualMs: number;
  readonly story: readonly string[] | undefined;
}

export interface RunOptions {
  readonly tampering?: Tampering;
  /** Keeps the story. */
  readonly tells?: boolean;
  /** Sees the world after every event. */
  readonly look?: (simulation: Simulation) => void;
}

export async function run(scenario: Scenario, { tampering = {}, tells = false, look }: RunOptions = {}): Promise<Ran> {
  const simulation = new Simulation(scenario, tampering);
  if (tells) simulation.story = [];
  if (look !== undefined) simulation.onEvent = () => look(simulation);
  const giveBack = simulation.time.install(new Chance(scenario.seed + 77));
  const { stackTraceLimit } = Error;
  // Every alarm that is put off is an AbortError; its stack would cost more than the alarm.
  Error.stackTraceLimit = tells ? stackTraceLimit : 0;
  try {
    const violation = await through(simulation, scenario);
    return {
      violation,
      events: simulation.time.events,
      boardUpdates: simulation.boardUpdates(),
      virtualMs: simulation.time.elapsedMs(),
      story: simulation.story,
    };
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
    giveBack();
  }
}

async function through(simulation: Simulation, { happenings }: Scenario): Promise<Violation | undefined> {
  simulation.start();
  for (const { atMs, what } of happenings) {
    const violation = await simulation.runUntil(atMs);
    if (violation !== undefined) return violation;
    simulation.happen(what);
  }
  const violation = await simulation.runUntil(FAULTS_END_MS);
  if (violation !== undefined) return violation;
  simulation.mend();
  return (await untilRest(simulation)) ?? (await watchRest(simulation));
}

/** 5 and 9: faults have stopped, so everything comes to rest, each board with a reason that has a name. */
async function untilRest(simulation: Simulation): Promise<Violation | undefined> {
  let unrest: readonly string[] = [];
  let before = Number.NaN;
  for (let atMs = FAULTS_END_MS + HOUR / 2; atMs <= REST_BY_MS; atMs += 2 * HOUR) {
    const violation = await simulation.runUntil(atMs);
    if (violation !== undefined) return violation;
    unrest = simulation.unrest();
    const effects = simulation.boards.reduce((sum, { hardware }) => sum + hardware.power.effects, 0);
    if (unrest.length === 0 && effects === before) return undefined;
    before = effects;
  }
  const atMs = simulation.time.elapsedMs();
  return unrest.length > 0
    ? { promise: 9, atMs, message: `no rest: ${unrest.join('; ')}` }
    : { promise: 6, atMs, message: 'boards that are where they should be do something all the same' };
}

/** 6: a board that has converged writes nothing and does not reboot. 10: nothing that was decided or told is missing. */
async function watchRest(simulation: Simulation): Promise<Violation | undefined> {
  const before = simulation.boards.map(({ hardware, reboots }) => [hardware.power.effects, reboots]);
  const atRest = simulation.boardsAtRest();
  const violation = await simulation.runUntil(simulation.time.elapsedMs() + WATCH_MS);
  if (violation !== undefined) return violation;
  simulation.boards.forEach(({ device, hardware, reboots }, index) => {
    if (!atRest.has(device)) return;
    const [effects, rebooted] = before[index] ?? [];
    if (hardware.power.effects !== effects || reboots !== rebooted) {
      simulation.promises.broken(6, `${device} was at rest and did something`);
    }
  });
  await simulation.checkRecords();
  return simulation.promises.violations[0];
}
