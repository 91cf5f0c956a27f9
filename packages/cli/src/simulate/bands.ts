// Standings put together into the bands of a picture, and samples into steps that are worth drawing.

import type { Standing } from '@seatrial/controller';
import type { FleetRehearsal } from '@seatrial/simulator';

export interface Band {
  readonly name: string;
  readonly color: string;
  readonly standings: readonly Standing[];
}

/** From the bottom up. Colours differ in lightness as well, for eyes that see fewer of them. */
export const LEGEND: readonly Band[] = [
  { name: 'up to date', color: '#4f9d7a', standings: ['upToDate'] },
  { name: 'failed', color: '#b3261e', standings: ['failed'] },
  { name: 'overdue', color: '#e07b39', standings: ['overdue'] },
  { name: 'blocked', color: '#8d6bb1', standings: ['blocked'] },
  { name: 'at work', color: '#2f6fb5', standings: ['updating', 'pending'] },
  { name: 'held by window, gate or network', color: '#e9cf7a', standings: ['gated'] },
  { name: 'unreachable', color: '#8b939c', standings: ['unreachable'] },
  { name: 'not its turn yet', color: '#e6eaee', standings: ['queued', 'unassigned'] },
];

/** From this moment on the band reaches from one count to another. */
export interface Step {
  readonly atMs: number;
  readonly from: number;
  readonly to: number;
}

export interface BandArea {
  readonly band: Band;
  readonly steps: readonly Step[];
}

/** Bands that no board is ever in are left out. */
export function bandsOf(samples: FleetRehearsal['timeline'], untilMs: number): readonly BandArea[] {
  const counts = samples.map(({ standings }) =>
    LEGEND.map(band => band.standings.reduce((sum, one) => sum + standings[one], 0)),
  );
  return LEGEND.flatMap((band, index) => {
    if (counts.every(row => row[index] === 0)) return [];
    const steps = samples.map(({ atMs }, at) => {
      const below = (counts[at] ?? []).slice(0, index).reduce((sum, count) => sum + count, 0);
      return { atMs, from: below, to: below + (counts[at]?.[index] ?? 0) };
    });
    const last = steps.at(-1);
    return [{ band, steps: last === undefined ? [] : [...steps, { ...last, atMs: untilMs }] }];
  });
}
