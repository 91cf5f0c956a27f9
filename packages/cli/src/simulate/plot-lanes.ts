// The lanes above the plot: stages with their soaks, and maintenance windows.

import type { FleetRehearsal } from '@seatrial/simulator';
import { plural } from '../output/plural.ts';
import { FAINT, HEAD, LEFT, LETTER, type Scale } from './panel-layout.ts';
import { clock, formatSpan, formatWhen, weekday } from './span.ts';
import { element, text, tooltip } from './svg-parts.ts';

export const STAGE_Y = HEAD - 8;
export const STAGE_HEIGHT = 22;
const WINDOW_Y = STAGE_Y + STAGE_HEIGHT + 8;
const WINDOW_HEIGHT = 8;

export function stageLane(fleet: FleetRehearsal, { x, fromMs, untilMs }: Scale): string {
  const bars = fleet.stages.map(stage => {
    const endMs = stage.endedAtMs ?? untilMs;
    const bar = { y: STAGE_Y, height: STAGE_HEIGHT };
    const [start, end] = [x(stage.enteredAtMs), x(endMs)];
    const soakStart = stage.soakedFromMs === undefined ? end : x(Math.min(stage.soakedFromMs, endMs));
    const told = `stage ${stage.stage}: ${plural(stage.boards, 'board')}, ${stage.moved} moved, ${stage.failed} failed`;
    return element(
      'g',
      {},
      tooltip(`${told}, opens ${formatWhen(stage.enteredAtMs, fromMs)}`),
      element('rect', { ...bar, x: start, width: Math.max(1.5, soakStart - start), fill: '#8fb3dd' }),
      soakStart < end ? element('rect', { ...bar, x: soakStart, width: end - soakStart, fill: 'url(#soak)' }) : '',
      element('rect', { ...bar, x: start, width: Math.max(1.5, end - start), fill: 'none', stroke: '#5f86b5' }),
      stageLabel(stage, end - start, start),
    );
  });
  return `${laneName('stages', STAGE_Y + STAGE_HEIGHT / 2)}${bars.join('')}`;
}

/** As many words as there is room for. */
function stageLabel(
  { stage, boards, soakMs, soakedFromMs }: FleetRehearsal['stages'][number],
  width: number,
  x: number,
): string {
  const soak = soakedFromMs === undefined ? '' : `, soaks ${formatSpan(soakMs)}`;
  const fitting = [`stage ${stage}: ${plural(boards, 'board')}${soak}`, `stage ${stage}: ${boards}`, `${stage}`].find(
    words => words.length * LETTER < width - 8,
  );
  return fitting === undefined ? '' : text(fitting, { x: x + 5, y: STAGE_Y + 15, 'font-size': 11 });
}

export function windowLane({ windows }: FleetRehearsal, { x }: Scale): string {
  if (windows.length === 0) return laneName('no windows', WINDOW_Y + WINDOW_HEIGHT / 2);
  const bars = windows.map(({ fromMs, untilMs }) =>
    element(
      'rect',
      {
        x: x(fromMs),
        y: WINDOW_Y,
        width: Math.max(1.5, x(untilMs) - x(fromMs)),
        height: WINDOW_HEIGHT,
        fill: '#d9a93a',
      },
      tooltip(`window ${weekday(fromMs)} ${clock(fromMs)} to ${clock(untilMs)}`),
    ),
  );
  return `${laneName('windows', WINDOW_Y + WINDOW_HEIGHT / 2)}${bars.join('')}`;
}

const laneName = (name: string, y: number): string =>
  text(name, { x: LEFT - 10, y: y + 4, 'text-anchor': 'end', fill: FAINT, 'font-size': 11 });
