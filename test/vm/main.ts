// `npm run test:vm [-- --only NAME[,NAME]] [--seed N] [--watch]`: builds the image, plays the scenarios, prints the table.
// Exit codes: 0 all hold, 1 one does not. Where no board can be run it says why and ends with 0.

import { parseArgs } from 'node:util';
import { obstacle, openWorkbench } from './host/workbench.ts';
import { type Played, play } from './play.ts';
import { renderTable } from './results.ts';
import { GATE, SCENARIOS } from './scenarios/table.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    gate: { type: 'boolean' },
    watch: { type: 'boolean' },
    list: { type: 'boolean' },
  },
});

const tell = (what: string): void => console.log(`${new Date().toISOString().slice(11, 19)} ${what}`);
const wanted = values.gate === true ? GATE : values.only?.split(',');
const chosen = SCENARIOS.filter(({ name }) => wanted?.includes(name) ?? true);

if (values.list === true) {
  for (const { name, expected } of SCENARIOS) console.log(`${name.padEnd(24)} ${expected}`);
} else {
  const why = obstacle();
  if (why === undefined) await playAll();
  else console.log(`skipped, no board can be run here: ${why}`);
}

async function playAll(): Promise<void> {
  const workbench = await openWorkbench(tell);
  const played: Played[] = [];
  for (const scenario of chosen) {
    tell(`${scenario.name}: ${scenario.expected}`);
    const watch = values.watch === true ? (line: string) => console.log(`    ${line}`) : () => undefined;
    const result = await play(workbench, scenario, watch);
    played.push(result);
    tell(`${scenario.name}: ${result.holds ? 'holds' : 'DOES NOT HOLD'}, ${result.starts} starts, ${result.seconds} s`);
    for (const line of result.holds ? [] : result.why) console.log(`    ${line}`);
  }
  console.log(renderTable(played));
  process.exitCode = played.every(({ holds }) => holds) && played.length === chosen.length ? 0 : 1;
}
