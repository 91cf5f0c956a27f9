// Where everything stands in a panel of the picture, in pixels, and in which ink.

import type { FleetRehearsal, Rehearsal } from '@seatrial/simulator';

export const WIDTH = 960;
export const LEFT = 84;
export const RIGHT = 44;
export const PLOT_WIDTH = WIDTH - LEFT - RIGHT;
export const PLOT_HEIGHT = 220;
export const HEAD = 80;
export const LANES = 54;
const FOOT = 84;
export const FLEET_HEIGHT = HEAD + LANES + PLOT_HEIGHT + FOOT;
export const MARGIN = 16;

export const INK = '#1b2430';
export const FAINT = '#5c6773';
export const GRID = '#aab3bd';

/** Where a moment and a count stand in a panel. */
export interface Scale {
  readonly x: (ms: number) => number;
  readonly y: (boards: number) => number;
  readonly fromMs: number;
  readonly untilMs: number;
  readonly boards: number;
}

export function scaleOf({ cohort, pinned, endedAtMs }: FleetRehearsal, { mergedAtMs }: Rehearsal): Scale {
  const lastMs = Math.max(endedAtMs, mergedAtMs + 60_000);
  const untilMs = lastMs + (lastMs - mergedAtMs) * 0.02;
  const boards = Math.max(1, cohort + pinned);
  return {
    x: ms => LEFT + (PLOT_WIDTH * (ms - mergedAtMs)) / (untilMs - mergedAtMs),
    y: count => HEAD + LANES + PLOT_HEIGHT * (1 - count / boards),
    fromMs: mergedAtMs,
    untilMs,
    boards,
  };
}

/** A letter of the small text, at most. */
export const LETTER = 6.6;
