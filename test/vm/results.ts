// What came of each scenario: the table at the end of a run, a record of the newest time each was played, and the page that
// is made of these records.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { HOUSE, WORKSHOP } from './places.ts';
import type { Played } from './play.ts';
import type { Scenario } from './scenarios/scenario.ts';

const RECORDS = join(WORKSHOP, 'results');
const recordOf = (name: string): string => join(RECORDS, `${name}.json`);
const verdictOf = ({ holds }: { readonly holds: boolean }): string => (holds ? 'holds' : 'DOES NOT HOLD');

export function renderTable(played: readonly Played[]): string {
  const rows = played.map(one => [one.scenario.name, String(one.starts), String(one.seconds), verdictOf(one)]);
  const all = [['scenario', 'boots', 'seconds', 'verdict'], ...rows];
  const widths = [0, 1, 2, 3].map(column => Math.max(...all.map(row => (row[column] ?? '').length)));
  return all
    .map(row =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** The newest time that a scenario was played. */
interface PlayRecord {
  readonly expected: string;
  readonly holds: boolean;
  readonly starts: number;
  readonly seconds: number;
  readonly seed: number;
  readonly commit: string;
  readonly day: string;
}

export function keepRecord({ scenario, holds, starts, seconds }: Played, seed: number): void {
  const day = new Date().toISOString().slice(0, 10);
  const record: PlayRecord = { expected: scenario.expected, holds, starts, seconds, seed, commit: commit(), day };
  mkdirSync(RECORDS, { recursive: true });
  writeFileSync(recordOf(scenario.name), JSON.stringify(record));
}

/** docs/real-board-results.md, from the newest record of each scenario. */
export function writePage(scenarios: readonly Scenario[]): void {
  const rows = scenarios.map(scenario => rowOf(scenario, readRecord(scenario.name)));
  const played = scenarios.map(({ name }) => readRecord(name)).filter(record => record !== undefined);
  const boots = played.reduce((sum, { starts }) => sum + starts, 0);
  const page = [
    '# Results on the real board',
    '',
    '<!-- Written by `npm run test:vm -- --page`; not by hand. -->',
    '',
    `Of ${scenarios.length} scenarios ${played.length} are recorded here, each with the newest time it was played: ${boots} starts of the firmware. What is real in it and what is ours stands in [the real board](real-board.md). Before every run the firmware's verifier and the product's judge 209 capsules alike, or it does not begin.`,
    '',
    `Machine: ${cpus().length} cores of ${cpus()[0]?.model.trim() ?? 'an unknown processor'}, shared with other work, QEMU in software emulation. The seconds tell more of that other work than of the board.`,
    '',
    '| scenario | what must come of it | boots | seconds | seed | commit | day | verdict |',
    '|---|---|---|---|---|---|---|---|',
    ...rows,
    '',
  ];
  writeFileSync(join(HOUSE, 'docs/real-board-results.md'), page.join('\n'));
}

function rowOf({ name, expected }: Scenario, record: PlayRecord | undefined): string {
  if (record === undefined) return `| \`${name}\` | ${expected} | | | | | | not played |`;
  const { starts, seconds, seed, commit: at, day } = record;
  return `| \`${name}\` | ${record.expected} | ${starts} | ${seconds} | ${seed} | ${at} | ${day} | ${verdictOf(record)} |`;
}

function readRecord(name: string): PlayRecord | undefined {
  if (!existsSync(recordOf(name))) return undefined;
  return JSON.parse(readFileSync(recordOf(name), 'utf8')) as PlayRecord; // written by keepRecord alone
}

const commit = (): string =>
  execFileSync('git', ['-C', HOUSE, 'rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
