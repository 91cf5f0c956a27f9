// The one sentence that a rehearsal comes to, for each fleet.

import type { FleetEnd, FleetRehearsal, Rehearsal } from '@seatrial/simulator';
import type { Tone } from '../output/paint.ts';
import { plural } from '../output/plural.ts';
import { formatSpan } from './span.ts';

export function headlineOf(fleet: FleetRehearsal, { mergedAtMs }: Rehearsal): string {
  const { end, completedAtMs, endedAtMs, pause, message, leftBehind } = fleet;
  const lasts = formatSpan((completedAtMs ?? endedAtMs) - mergedAtMs);
  const left = leftBehind.length === 0 ? '' : `, ${plural(leftBehind.length, 'board')} left behind`;
  switch (end) {
    case 'completed':
      return `completes after ${lasts}${left}`;
    case 'paused':
      return `pauses in stage ${pause?.stage ?? '?'} after ${formatSpan((pause?.atMs ?? endedAtMs) - mergedAtMs)}: ${message}`;
    case 'waiting':
      return `waits: ${message}`;
    case 'unfinished':
      return `is not done after ${lasts}: ${message}`;
  }
}

export const toneOf = ({ end, leftBehind }: Pick<FleetRehearsal, 'end' | 'leftBehind'>): Tone =>
  end === 'completed' && leftBehind.length > 0 ? 'warning' : TONES[end];

const TONES = { completed: 'good', paused: 'bad', waiting: 'warning', unfinished: 'warning' } as const satisfies Record<
  FleetEnd,
  Tone
>;

/** Counts with their reasons: `3 os-unhealthy, 1 overdue`. */
export const reasonsOf = (counts: FleetRehearsal['failedBy']): string =>
  counts.map(({ reason, boards }) => `${boards} ${reason}`).join(', ');
