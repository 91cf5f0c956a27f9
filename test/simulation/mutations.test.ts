// The simulator against decisions that are broken on purpose: each is caught within a bounded number of runs.

import { expect, test } from 'vitest';
import { type Caught, MUTATIONS, type Mutation } from './mutations.ts';
import { run } from './run.ts';
import { scenarioOf } from './scenario.ts';

/** Measured: docs/simulation.md. */
const MOST_RUNS = 150;

async function hunt({ tampering, promises }: Mutation): Promise<Caught | undefined> {
  for (let seed = 1; seed <= MOST_RUNS; seed += 1) {
    const { violation } = await run(scenarioOf(seed, { mostHappenings: 24 }), { tampering });
    if (violation !== undefined && promises.includes(violation.promise)) return { runs: seed, seed, violation };
  }
  return undefined;
}

test.each(MUTATIONS)('when $name, then the promise that it breaks is found broken', async mutation => {
  const caught = await hunt(mutation);
  console.info(
    `promise ${mutation.promises.join()}: ${mutation.name}: ${caught === undefined ? 'not caught' : `caught in run ${caught.runs}: ${caught.violation.message}`}`,
  );
  expect(caught).toBeDefined();
});
