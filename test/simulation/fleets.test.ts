// Whole fleets under faults: the promises hold in every seeded run, and the same seed is the same run.

import { run, scenarioOf } from '@seatrial/simulator';
import { expect, test } from 'vitest';
import { runShare, SHARES } from './fleets.ts';

test.each(SHARES)('when fleets live through faults, then every promise holds (share %i)', async share => {
  expect((await runShare(share)).stories).toEqual([]);
});

test('when a seed is run again, then the same things happen in the same order', async () => {
  const stories = [];
  for (let time = 0; time < 2; time += 1) stories.push((await run(scenarioOf(7), { tells: true })).story);
  expect(stories[0]).toEqual(stories[1]);
});

/** What broke a promise once, and how: never again. */
test.each([
  [3, 'decisions after a restored backup took the ids of older ones, and were lost'],
  [20_048, 'after a lost database a board was given another plan under a number that it had seen, and refused it'],
])('when seed %i is run, then what it found stays mended: %s', async seed => {
  expect((await run(scenarioOf(seed))).violation).toBeUndefined();
});
