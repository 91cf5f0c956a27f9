// What the nightly run has found, by seed: never again.

import { run, scenarioOf, wilder } from '@seatrial/simulator';
import { expect, test } from 'vitest';
import { shapeOf } from './shapes.ts';

test.each<[number, string, 'wild'?]>([
  [
    1_000_377,
    'a firmware forgot the trial of an image on which nothing starts, which nothing on a board could survive',
  ],
  [1_000_550, 'after a lost database boards that were there already counted as set in motion beyond the budget'],
  [1_001_026, 'the same, in a fleet of one stage'],
  [1_000_607, 'the same, after two boards had swapped their names', 'wild'],
  [
    1_002_834,
    'a board that waits for its window with a plan that was taken back, in a suspended fleet, counted as at rest',
  ],
])('when seed %i is run by night, then what it found stays mended: %s', async (seed, _found, kind) => {
  const plain = scenarioOf(seed, shapeOf(seed));
  expect((await run(kind === 'wild' ? wilder(plain) : plain)).violation).toBeUndefined();
});
