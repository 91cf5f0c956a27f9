// Simulated fleets from the command line: many seeds, until one breaks a promise; or one seed, told as a story.
//
//   node test/simulation/main.ts --runs 1000 --from 1
//   node test/simulation/main.ts --updates 1000000 --from 1      (as many runs as it takes)
//   node test/simulation/main.ts --seed 47 --lines 200
//   --wild                                                       (cloned and swapped identities, lying disks and more)

import { parseArgs } from 'node:util';
import { run, scenarioOf } from '@seatrial/simulator';
import { runFleets, summaryOf, wildScenario } from './fleets.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    lines: { type: 'string', default: '200' },
    from: { type: 'string', default: '1' },
    runs: { type: 'string' },
    updates: { type: 'string' },
    wild: { type: 'boolean', default: false },
  },
});

const scenarioFor = values.wild ? wildScenario : scenarioOf;

async function tellOne(seed: number): Promise<boolean> {
  const scenario = scenarioFor(seed);
  const { violation, story = [] } = await run(scenario, { tells: true });
  console.info(JSON.stringify(scenario, undefined, 1));
  console.info(story.slice(-Number(values.lines)).join('\n'));
  console.info(
    violation === undefined ? 'every promise holds' : `promise ${violation.promise} is broken: ${violation.message}`,
  );
  return violation === undefined;
}

async function many(): Promise<boolean> {
  const from = Number(values.from);
  const updates = Number(values.updates ?? 0);
  const runs = values.runs === undefined && updates > 0 ? Number.MAX_SAFE_INTEGER - from : Number(values.runs ?? 1_000);
  const ran = await runFleets(
    { from, runs },
    {
      scenarioFor,
      ...(updates > 0 && { mostUpdates: updates }),
      onProgress: sofar => console.info(`${new Date().toISOString()} seeds from ${from}: ${summaryOf(sofar)}`),
    },
  );
  console.info(`seeds ${from} to ${from + ran.runs - 1}: ${summaryOf(ran)}`);
  for (const story of ran.stories) console.info(`\n${story}`);
  return ran.stories.length === 0;
}

const isWell = values.seed === undefined ? await many() : await tellOne(Number(values.seed));
process.exitCode = isWell ? 0 : 1;
