// What the nightly run has found, by seed: never again.

import { run, scenarioOf } from '@seatrial/simulator';
import { expect, test } from 'vitest';
import { shapeOf } from './shapes.ts';

test.each([
  [
    1_000_377,
    'a firmware forgot the trial of an image on which nothing starts, which nothing on a board could survive',
  ],
  [1_000_550, 'after a lost database boards that were there already counted as set in motion beyond the budget'],
  [1_001_026, 'the same, in a fleet of one stage'],
])('when seed %i is run by night, then what it found stays mended: %s', async seed => {
  expect((await run(scenarioOf(seed, shapeOf(seed)))).violation).toBeUndefined();
});
