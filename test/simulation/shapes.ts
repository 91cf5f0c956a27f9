// Fleets of every size and with every density of faults, by turns: small ones find most, large ones find what needs many.

import { type Scenario, type ScenarioOptions, scenarioOf, wilder } from '@seatrial/simulator';

const SHAPES: readonly ScenarioOptions[] = [
  { mostBoards: 3, mostHappenings: 9 },
  { mostBoards: 3, mostHappenings: 24 },
  { mostBoards: 8, mostHappenings: 24 },
  { mostBoards: 24, mostHappenings: 60 },
];

export const shapeOf = (seed: number): ScenarioOptions => SHAPES[seed % SHAPES.length] ?? {};

/** Half of them with what is beyond the ordinary: cloned and swapped identities, lying disks, edits and approvals. */
export function nightScenario(seed: number): Scenario {
  const scenario = scenarioOf(seed, shapeOf(seed));
  return seed % (2 * SHAPES.length) < SHAPES.length ? scenario : wilder(scenario);
}
