// `npm run test:vm [-- --only NAME[,NAME]] [--seed N] [--cuts N] [--watch]`: builds the image, plays the scenarios,
// prints the table and keeps a record of each. A run of all of them, and --page alone, write docs/real-board-results.md from these.
// Exit codes: 0 all hold, 1 one does not, 2 a scenario that is asked for does not exist. Where no board can be run it says why and ends with 0.

import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { obstacle } from './host/machine-needs.ts';
import { openWorkbench, type Workbench } from './host/workbench.ts';
import { type Played, play } from './play.ts';
import { keepRecord, renderTable, writePage } from './results.ts';
import type { Scenario } from './scenarios/scenario.ts';
import { GATE, scenarios } from './scenarios/table.ts';
import { verifiersAgree } from './verifiers-agree.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    seed: { type: 'string' },
    cuts: { type: 'string', default: '60' },
    gate: { type: 'boolean', default: false },
    watch: { type: 'boolean', default: false },
    page: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
  },
});

const seed = values.seed === undefined ? randomBytes(4).readUInt32LE() : Number(values.seed);
const all = scenarios({ seed, cuts: Number(values.cuts) });
const names = values.gate ? GATE : (values.only?.split(',') ?? all.map(({ name }) => name));
const chosen = all.filter(({ name }) => names.includes(name));
const tell = (what: string): void => console.log(`${new Date().toISOString().slice(11, 19)} ${what}`);
const watch = values.watch ? (line: string) => console.log(`    ${line}`) : () => undefined;

process.exitCode = await main();

async function main(): Promise<number> {
  if (values.page) {
    writePage(all);
    return 0;
  }
  if (values.list) {
    for (const { name, expected } of all) console.log(`${name.padEnd(26)}${expected}`);
    return 0;
  }
  if (chosen.length !== names.length) {
    console.error(`no such scenario: ${names.filter(name => !all.some(one => one.name === name)).join(', ')}`);
    return 2;
  }
  const why = await obstacle(tell);
  if (why !== undefined) {
    console.log(`skipped, no board can be run here: ${why}`);
    return 0;
  }
  return playAll(await openWorkbench(tell));
}

async function playAll(workbench: Workbench): Promise<number> {
  const agreed = await verifiersAgree(workbench, seed);
  tell(`the firmware's verifier and the product's judge ${agreed} capsules alike`);
  const played: Played[] = [];
  for (const scenario of chosen) played.push(await playOne(workbench, scenario));
  console.log(renderTable(played));
  if (chosen.length === all.length) writePage(all);
  return played.every(({ holds }) => holds) ? 0 : 1;
}

async function playOne(workbench: Workbench, scenario: Scenario): Promise<Played> {
  tell(`${scenario.name}: ${scenario.expected}`);
  const played = await play(workbench, scenario, watch);
  tell(`${scenario.name}: ${played.holds ? 'holds' : 'DOES NOT HOLD'}, ${played.starts} boots, ${played.seconds} s`);
  keepRecord(played, seed);
  for (const line of played.why) console.log(`    ${line}`);
  return played;
}
