// The other half of the gate's seeded fleets, in a file of its own so that another thread runs it.

import { expect, test } from 'vitest';
import { runShare, SHARES } from './fleets.ts';

test.each(SHARES)('when more fleets live through faults, then every promise holds (share %i)', async share => {
  expect((await runShare(SHARES.length + share)).stories).toEqual([]);
});
