// docs/rehearsal.md says of failures and faults what the simulator makes of them.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DEAD_SUMMARY, FAILURES, FAULT_KINDS, FAULT_PRESETS, FAULTS, USUAL_RATE } from '@seatrial/simulator';
import { describe, expect, test } from 'vitest';

const PAGE = readFileSync(join(import.meta.dirname, '../../docs/rehearsal.md'), 'utf8');

/** The cells of every table row that begins with this word as code. */
const rowsOf = (word: string): readonly (readonly string[])[] =>
  PAGE.split('\n')
    .filter(line => line.startsWith(`| \`${word}\` |`))
    .map(line =>
      line
        .split('|')
        .slice(2, -1)
        .map(cell => cell.trim()),
    );

describe('when the page on rehearsals is read', () => {
  test.each(Object.entries(FAILURES))('then %s is explained as it is', (kind, { summary }) => {
    expect(rowsOf(kind)).toContainEqual([summary]);
  });

  test.each(FAULT_KINDS)('then %s is explained as it is, with its rates', kind => {
    const rates = (['few', 'field', 'storm'] as const).map(preset => {
      const table: Readonly<Record<string, number>> = FAULT_PRESETS[preset];
      return table[kind] === undefined ? '' : String(table[kind]);
    });
    expect(rowsOf(kind)).toContainEqual([kind === 'dead' ? DEAD_SUMMARY : FAULTS[kind].summary, ...rates]);
  });

  test('then the usual rates are those that are used', () => {
    const megabytes = (rate: number): string => (rate >= 1e6 ? `${rate / 1e6} MB/s` : `${rate / 1e3} kB/s`);
    for (const [network, rate] of Object.entries(USUAL_RATE)) expect(PAGE).toContain(`${network} ${megabytes(rate)}`);
  });
});
