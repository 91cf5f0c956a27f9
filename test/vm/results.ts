// The table at the end of a run.

import type { Played } from './play.ts';

export function renderTable(played: readonly Played[]): string {
  const rows = played.map(({ scenario, starts, seconds, holds }) => [
    scenario.name,
    String(starts),
    String(seconds),
    holds ? 'holds' : 'DOES NOT HOLD',
  ]);
  const all = [['scenario', 'boots', 'seconds', 'verdict'], ...rows];
  const widths = [0, 1, 2, 3].map(column => Math.max(...all.map(row => (row[column] ?? '').length)));
  return all.map(row => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')).join('\n');
}
