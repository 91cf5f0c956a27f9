// How the boards of each fleet stand over time, drawn as stacked areas under the stages, soaks and windows.

import type { FleetRehearsal, Rehearsal } from '@seatrial/simulator';
import { plural } from '../output/plural.ts';
import { shorten } from '../output/printable.ts';
import { bandsOf } from './bands.ts';
import { headlineOf } from './headline.ts';
import {
  FAINT,
  FLEET_HEIGHT,
  GRID,
  HEAD,
  INK,
  LANES,
  LEFT,
  MARGIN,
  PLOT_HEIGHT,
  RIGHT,
  type Scale,
  scaleOf,
  WIDTH,
} from './panel-layout.ts';
import { STAGE_HEIGHT, STAGE_Y, stageLane, windowLane } from './plot-lanes.ts';
import { legend, timeAxis } from './plot-legend.ts';
import { element, escapeXml, fixed, text, tooltip } from './svg-parts.ts';

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
  bandsOf(fleet.timeline, scale.untilMs).map(({ band, steps }) => {
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
