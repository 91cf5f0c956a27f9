// Many seeded fleets, one after the other, and what they have in common.

import { run, type Scenario, scenarioOf, tell, wilder } from '@seatrial/simulator';

export interface FleetsRan {
  readonly runs: number;
  readonly boardUpdates: number;
  readonly events: number;
  readonly virtualDays: number;
  readonly seconds: number;
  /** One story for each seed that breaks a promise. */
  readonly stories: readonly string[];
}

export interface FleetsOptions {
  /** Stops after so many broken promises. */
  readonly mostStories?: number;
  /** Stops after so many board-updates. */
  readonly mostUpdates?: number;
  readonly onProgress?: (ran: FleetsRan) => void;
  readonly scenarioFor?: (seed: number) => Scenario;
}

/** With identities that are cloned and swapped, boards that are cut off together, disks that lie, edits and approvals. */
export const wildScenario = (seed: number): Scenario => wilder(scenarioOf(seed));

export async function runFleets(
  { from, runs }: { readonly from: number; readonly runs: number },
  {
    mostStories = 3,
    mostUpdates = Number.POSITIVE_INFINITY,
    onProgress = () => {},
    scenarioFor = scenarioOf,
  }: FleetsOptions = {},
): Promise<FleetsRan> {
  const beganMs = performance.now();
  let sum: FleetsRan = { runs: 0, boardUpdates: 0, events: 0, virtualDays: 0, seconds: 0, stories: [] };
  for (
    let seed = from;
    seed < from + runs && sum.stories.length < mostStories && sum.boardUpdates < mostUpdates;
    seed += 1
  ) {
    const scenario = scenarioFor(seed);
    const { violation, boardUpdates, events, virtualMs } = await run(scenario);
    sum = {
      runs: sum.runs + 1,
      boardUpdates: sum.boardUpdates + boardUpdates,
      events: sum.events + events,
      virtualDays: sum.virtualDays + virtualMs / 86_400_000,
      seconds: (performance.now() - beganMs) / 1000,
      stories: violation === undefined ? sum.stories : [...sum.stories, await tell(scenario)],
    };
    if (sum.runs % 1_000 === 0) onProgress(sum);
  }
  return sum;
}

export const summaryOf = ({ runs, boardUpdates, events, virtualDays, seconds, stories }: FleetsRan): string =>
  `${runs} fleets, ${boardUpdates} board-updates, ${events} events, ${virtualDays.toFixed(0)} virtual days in ${seconds.toFixed(1)} s: ${stories.length} broken promises`;

/** The gate's runs: two files, so that two threads share them, of so many shares each. */
export const SHARES = [0, 1, 2, 3] as const;
const FROM = Number(process.env['SIMULATION_FROM'] ?? 1);
const RUNS = Number(process.env['SIMULATION_RUNS'] ?? 2_000);

/** One of the gate's shares, counted from 0 over both files, and said so. */
export async function runShare(share: number): Promise<FleetsRan> {
  const runs = Math.ceil(RUNS / (2 * SHARES.length));
  const from = FROM + share * runs;
  const ran = await runFleets({ from, runs });
  console.info(`seeds ${from} to ${from + runs - 1}: ${summaryOf(ran)}`);
  return ran;
}
