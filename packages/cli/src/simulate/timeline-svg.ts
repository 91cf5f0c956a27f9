// How the boards of each fleet stand over time, drawn as stacked areas under the stages, soaks and windows.

import type { FleetRehearsal, Rehearsal } from '@seatrial/simulator';
import { plural } from '../output/plural.ts';
import { shorten } from '../output/printable.ts';
import { bandsOf, LEGEND } from './bands.ts';
import { headlineOf } from './headline.ts';
import { clock, formatSpan, formatWhen, weekday } from './span.ts';
import { element, escapeXml, fixed, text, tooltip } from './svg-parts.ts';

const WIDTH = 960;
const LEFT = 84;
const RIGHT = 44;
const PLOT_WIDTH = WIDTH - LEFT - RIGHT;
const PLOT_HEIGHT = 220;
const HEAD = 80;
const LANES = 54;
const FOOT = 84;
const FLEET_HEIGHT = HEAD + LANES + PLOT_HEIGHT + FOOT;
const MARGIN = 16;

const INK = '#1b2430';
const FAINT = '#5c6773';
const GRID = '#aab3bd';

/** One picture, as wide as a page, with a panel for each fleet. */
export function timelineSvg(rehearsal: Rehearsal): string {
  const height = 2 * MARGIN + FLEET_HEIGHT * rehearsal.fleets.length;
  const panels = rehearsal.fleets.map((fleet, index) =>
    element('g', { transform: `translate(0 ${MARGIN + index * FLEET_HEIGHT})` }, panel(fleet, rehearsal)),
  );
  const summary = rehearsal.fleets.map(fleet => `${fleet.fleet} ${headlineOf(fleet, rehearsal)}.`).join(' ');
  return `${element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      viewBox: `0 0 ${WIDTH} ${height}`,
      width: WIDTH,
      height,
      role: 'img',
      'aria-labelledby': 'title desc',
      'font-family': 'system-ui, "Segoe UI", "DejaVu Sans", Helvetica, Arial, sans-serif',
      'font-size': 12,
      fill: INK,
    },
    element(
      'title',
      { id: 'title' },
      escapeXml(`Rehearsed rollout of ${rehearsal.fleets.map(({ fleet }) => fleet).join(', ')}`),
    ),
    element('desc', { id: 'desc' }, escapeXml(summary)),
    HATCH,
    element('rect', { width: WIDTH, height, fill: '#ffffff' }),
    ...panels,
  )}\n`;
}

const HATCH = element(
  'defs',
  {},
  element(
    'pattern',
    { id: 'soak', width: 6, height: 6, patternUnits: 'userSpaceOnUse', patternTransform: 'rotate(45)' },
    element('rect', { width: 6, height: 6, fill: '#e8eef6' }),
    element('rect', { width: 2, height: 6, fill: '#c3d2e6' }),
  ),
);

/** Where a moment and a count stand in a panel. */
interface Scale {
  readonly x: (ms: number) => number;
  readonly y: (boards: number) => number;
  readonly fromMs: number;
  readonly untilMs: number;
  readonly boards: number;
}

function scaleOf({ cohort, pinned, endedAtMs }: FleetRehearsal, { mergedAtMs }: Rehearsal): Scale {
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

function panel(fleet: FleetRehearsal, rehearsal: Rehearsal): string {
  const scale = scaleOf(fleet, rehearsal);
  return [
    text(`${fleet.fleet} to ${fleet.release}`, { x: LEFT, y: 20, 'font-size': 16, 'font-weight': 600 }),
    text(shorten(capital(headlineOf(fleet, rehearsal)), LINE), { x: LEFT, y: 40 }),
    text(subtitle(fleet), { x: LEFT, y: 57, fill: FAINT }),
    stageLane(fleet, scale),
    windowLane(fleet, scale),
    ...areas(fleet, scale),
    grid(scale),
    stageLines(fleet, scale),
    pauseLine(fleet, scale),
    element('path', {
      d: `M${LEFT} ${fixed(scale.y(scale.boards))}V${fixed(scale.y(0))}H${WIDTH - RIGHT}`,
      fill: 'none',
      stroke: FAINT,
    }),
    timeAxis(scale),
    legend(fleet),
  ].join('');
}

/** Letters of a line that fit beside each other. */
const LINE = 120;

const capital = (sentence: string): string => sentence.charAt(0).toUpperCase() + sentence.slice(1);

const subtitle = ({ cohort, failed, failuresAllowed, mostUpdating }: FleetRehearsal): string =>
  `${plural(cohort, 'board')}, at most ${mostUpdating.boards} at work at once, ${failed} failed, ${failuresAllowed} may`;

/* ---- Above the plot ---- */

const STAGE_Y = HEAD - 8;
const STAGE_HEIGHT = 22;
const WINDOW_Y = STAGE_Y + STAGE_HEIGHT + 8;
const WINDOW_HEIGHT = 8;

function stageLane(fleet: FleetRehearsal, { x, fromMs, untilMs }: Scale): string {
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

/** A letter of the small text, at most, in pixels. */
const LETTER = 6.6;

function windowLane({ windows }: FleetRehearsal, { x }: Scale): string {
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

/* ---- The plot ---- */

function grid({ y, boards }: Scale): string {
  const lines = countTicks(boards).map(count =>
    [
      element('path', { d: `M${LEFT} ${fixed(y(count))}H${WIDTH - RIGHT}`, stroke: GRID, 'stroke-opacity': 0.55 }),
      text(String(count), { x: LEFT - 8, y: y(count) + 4, 'text-anchor': 'end', 'font-size': 11 }),
    ].join(''),
  );
  const middle = HEAD + LANES + PLOT_HEIGHT / 2;
  const name = text('boards', { x: 18, y: middle, transform: `rotate(-90 18 ${middle})`, 'text-anchor': 'middle' });
  return `${lines.join('')}${name}`;
}

/** Round counts from 0 to all boards. */
function countTicks(boards: number): readonly number[] {
  const rough = boards / 4;
  const power = 10 ** Math.floor(Math.log10(Math.max(rough, 1)));
  const step = [1, 2, 5, 10].map(factor => factor * power).find(size => size >= rough) ?? power;
  const ticks = Array.from({ length: Math.floor(boards / step) + 1 }, (_, index) => index * step);
  return (ticks.at(-1) ?? 0) > boards - step / 3 && ticks.at(-1) !== boards
    ? [...ticks.slice(0, -1), boards]
    : [...new Set([...ticks, boards])];
}

const areas = (fleet: FleetRehearsal, scale: Scale): readonly string[] =>
  bandsOf(fleet.timeline, { ...scale, columns: 2 * PLOT_WIDTH }).map(({ band, steps }) => {
    const upper = steps.map(
      ({ atMs, to }, at) =>
        `${at === 0 ? 'M' : 'H'}${fixed(scale.x(atMs))}${at === 0 ? ' ' : 'V'}${fixed(scale.y(to))}`,
    );
    const lower = steps
      .toReversed()
      .map(
        ({ atMs, from }, at) =>
          `${at === 0 ? 'V' : 'H'}${at === 0 ? '' : `${fixed(scale.x(steps[steps.length - at]?.atMs ?? atMs))}V`}${fixed(scale.y(from))}`,
      );
    return element(
      'path',
      { d: `${upper.join('')}${lower.join('')}H${fixed(scale.x(steps[0]?.atMs ?? 0))}Z`, fill: band.color },
      tooltip(band.name),
    );
  });

function stageLines({ stages }: FleetRehearsal, { x, y, boards }: Scale): string {
  return stages
    .slice(1)
    .map(({ enteredAtMs }) =>
      element('path', {
        d: `M${fixed(x(enteredAtMs))} ${STAGE_Y + STAGE_HEIGHT}V${fixed(y(0))}`,
        stroke: INK,
        'stroke-opacity': boards > 0 ? 0.45 : 0,
        'stroke-dasharray': '3 3',
      }),
    )
    .join('');
}

function pauseLine({ pause }: FleetRehearsal, { x, y }: Scale): string {
  if (pause === undefined) return '';
  const at = x(pause.atMs);
  const isRight = at > WIDTH * 0.6;
  return [
    element('path', { d: `M${fixed(at)} ${STAGE_Y - 2}V${fixed(y(0))}`, stroke: '#b3261e', 'stroke-width': 2 }),
    text(`paused: ${pause.reason}`, {
      x: at + (isRight ? -6 : 6),
      y: HEAD + LANES + 16,
      'text-anchor': isRight ? 'end' : 'start',
      fill: '#8c1d18',
      'font-weight': 600,
      stroke: '#ffffff',
      'stroke-width': 3,
      'paint-order': 'stroke',
    }),
  ].join('');
}

/* ---- Below the plot ---- */

const STEPS_MS = [1, 5, 10, 30, 60, 180, 360, 720, 1440, 2880, 7200, 10_080, 20_160, 43_200].map(
  minutes => minutes * 60_000,
);
const MOST_TICKS = 9;

function timeAxis({ x, y, fromMs, untilMs }: Scale): string {
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
function legend({ timeline }: FleetRehearsal): string {
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
