// What stands below the plot: time, and what the colours mean.

import type { FleetRehearsal } from '@seatrial/simulator';
import { LEGEND } from './bands.ts';
import { FAINT, HEAD, LANES, LEFT, LETTER, PLOT_HEIGHT, RIGHT, type Scale, WIDTH } from './panel-layout.ts';
import { clock, formatSpan, weekday } from './span.ts';
import { element, fixed, text } from './svg-parts.ts';

const STEPS_MS = [1, 5, 10, 30, 60, 180, 360, 720, 1440, 2880, 7200, 10_080, 20_160, 43_200].map(
  minutes => minutes * 60_000,
);
const MOST_TICKS = 9;

export function timeAxis({ x, y, fromMs, untilMs }: Scale): string {
  const stepMs = STEPS_MS.find(step => (untilMs - fromMs) / step <= MOST_TICKS) ?? untilMs - fromMs;
  const ticks = Array.from(
    { length: Math.floor((untilMs - fromMs) / stepMs) + 1 },
    (_, index) => fromMs + index * stepMs,
  );
  const bottom = y(0);
  const marks = ticks.map(ms => {
    const at = x(ms);
    return [
      element('path', { d: `M${fixed(at)} ${fixed(bottom)}v5`, stroke: FAINT }),
      text(ms === fromMs ? 'merge' : `+${formatSpan(ms - fromMs)}`, {
        x: at,
        y: bottom + 18,
        'text-anchor': 'middle',
        'font-size': 11,
      }),
      text(`${weekday(ms)} ${clock(ms)}`, {
        x: at,
        y: bottom + 31,
        'text-anchor': 'middle',
        'font-size': 10,
        fill: FAINT,
      }),
    ].join('');
  });
  const name = text('time since the merge, and UTC', {
    x: WIDTH - RIGHT,
    y: bottom + 46,
    'text-anchor': 'end',
    fill: FAINT,
    'font-size': 11,
  });
  return `${marks.join('')}${name}`;
}

/** Only what is seen in the picture. */
export function legend({ timeline }: FleetRehearsal): string {
  const shown = LEGEND.filter(({ standings }) =>
    timeline.some(sample => standings.some(one => sample.standings[one] > 0)),
  );
  let x = LEFT;
  const entries = shown.map(({ name, color }) => {
    const entry = [
      element('rect', {
        x,
        y: HEAD + LANES + PLOT_HEIGHT + 52,
        width: 12,
        height: 12,
        fill: color,
        stroke: FAINT,
        'stroke-width': 0.5,
      }),
      text(name, { x: x + 17, y: HEAD + LANES + PLOT_HEIGHT + 62, 'font-size': 11 }),
    ].join('');
    x += 17 + name.length * LETTER + 16;
    return entry;
  });
  return entries.join('');
}
