// The simulator against decisions that are broken on purpose: each is caught by the run that caught it first.

import { run, scenarioOf } from '@seatrial/simulator';
import { expect, test } from 'vitest';
import { HUNTED_IN_LARGER_FLEETS, HUNTED_WITH, MUTATIONS } from './mutations.ts';

test.each(MUTATIONS)(
  'when $name, then promise $promise is found broken',
  async ({ tampering, promise, caughtBy, needsMany }) => {
    const scenario = scenarioOf(caughtBy, needsMany === true ? HUNTED_IN_LARGER_FLEETS : HUNTED_WITH);
    expect((await run(scenario)).violation).toBeUndefined();
    expect((await run(scenario, { tampering })).violation?.promise).toBe(promise);
  },
);
