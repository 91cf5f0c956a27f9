// The table at the end of a run, and the page that keeps it.

import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { HOUSE } from './places.ts';
import type { Played } from './play.ts';

const verdictOf = ({ holds }: Played): string => (holds ? 'holds' : 'DOES NOT HOLD');

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

export interface RunFacts {
  readonly seed: number;
  /** Capsules that both verifiers judged alike. */
  readonly agreed: number;
}

/** docs/real-board-results.md. */
export function writePage(played: readonly Played[], facts: RunFacts): void {
  const rows = played.map(
    one =>
      `| \`${one.scenario.name}\` | ${one.scenario.expected} | ${one.starts} | ${one.seconds} | ${verdictOf(one)} |`,
  );
  const boots = played.reduce((sum, { starts }) => sum + starts, 0);
  const page = [
    '# Results on the real board',
    '',
    '<!-- Written by `npm run test:vm -- --page`; not by hand. -->',
    '',
    `${played.length} scenarios, ${boots} starts of the firmware, seed ${facts.seed}. Before them the firmware's verifier and the product's judged ${facts.agreed} capsules alike.`,
    `Commit ${commit()}, ${cpus().length} cores of ${cpus()[0]?.model.trim() ?? 'an unknown processor'}, QEMU in software emulation, ${new Date().toISOString().slice(0, 10)}.`,
    'What is real in it and what is ours stands in [the real board](real-board.md).',
    '',
    '| scenario | what must come of it | boots | seconds | verdict |',
    '|---|---|---|---|---|',
    ...rows,
    '',
  ];
  writeFileSync(join(HOUSE, 'docs/real-board-results.md'), page.join('\n'));
}

const commit = (): string =>
  execFileSync('git', ['-C', HOUSE, 'rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
