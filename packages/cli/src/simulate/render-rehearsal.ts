// A rehearsal for people: each fleet with its end, its stages, what it costs and who is left behind.

import type { FleetRehearsal, Rehearsal, StageRehearsal } from '@seatrial/simulator';
import type { Output } from '../cli.ts';
import { renderFacts } from '../output/facts.ts';
import { paint } from '../output/paint.ts';
import { type Column, renderTable } from '../output/table.ts';
import { fleetFacts, groupLeftBehind, someOf } from './fleet-facts.ts';
import { headlineOf, toneOf } from './headline.ts';
import type { Told } from './rehearsal-json.ts';
import { formatSpan, formatWhen } from './span.ts';

/** Ends with a line break. */
export const renderRehearsal = (output: Output, { rehearsal, assumptions }: Told): string =>
  [
    ...rehearsal.fleets.map(fleet => renderFleet(output, fleet, rehearsal)),
    renderEnd(output, rehearsal, assumptions),
  ].join('\n');

function renderFleet(output: Output, fleet: FleetRehearsal, rehearsal: Rehearsal): string {
  const heading = `${paint(output, 'strong', fleet.fleet)} to ${fleet.release}: ${paint(output, toneOf(fleet), headlineOf(fleet, rehearsal))}\n`;
  const stages = fleet.stages.length === 0 ? '' : `\n${renderTable(output, columnsOf(rehearsal), fleet.stages)}`;
  const facts = renderFacts(output, { 'In all': fleetFacts(fleet, rehearsal.mergedAtMs) });
  return `${heading}${stages}\n${facts}${renderLeft(output, fleet)}`;
}

const columnsOf = ({ mergedAtMs }: Rehearsal): readonly Column<StageRehearsal>[] => {
  const when = (ms: number | undefined) => (ms === undefined ? undefined : formatWhen(ms, mergedAtMs));
  return [
    { title: 'STAGE', value: ({ stage }) => String(stage) },
    { title: 'BOARDS', value: ({ boards }) => String(boards) },
    { title: 'OPENS', value: ({ enteredAtMs }) => when(enteredAtMs) },
    { title: 'SOAKS FROM', value: ({ soakedFromMs }) => when(soakedFromMs) },
    {
      title: 'FOR',
      value: ({ soakMs, soakedFromMs }) => (soakedFromMs === undefined ? undefined : formatSpan(soakMs)),
    },
    { title: 'ENDS', value: ({ endedAtMs }) => when(endedAtMs) },
    { title: 'MOVED', value: ({ moved }) => String(moved) },
    { title: 'AT WORK', value: ({ mostUpdating }) => String(mostUpdating.boards) },
    {
      title: 'FAILED',
      value: ({ failed }) => String(failed),
      tone: ({ failed }) => (failed > 0 ? 'bad' : undefined),
    },
  ];
};

function renderLeft(output: Output, { leftBehind }: FleetRehearsal): string {
  if (leftBehind.length === 0) return '';
  const lines = groupLeftBehind(leftBehind).map(
    ({ standing, message, devices }) =>
      `  ${paint(output, 'warning', `${devices.length} ${standing}`)}: ${message}\n    ${someOf(devices)}\n`,
  );
  return `\n${paint(output, 'strong', 'Left behind')}\n${lines.join('')}`;
}

function renderEnd(output: Output, rehearsal: Rehearsal, assumptions: readonly string[]): string {
  const { seed, violation, cutShort, mergedAtMs, endedAtMs } = rehearsal;
  const promise =
    violation === undefined
      ? 'No promise was broken.'
      : paint(output, 'bad', `Promise ${violation.promise} was broken: ${violation.message}. This is a defect.`);
  const short = cutShort ? ` Ended after ${formatSpan(endedAtMs - mergedAtMs)}, before it came to rest.` : '';
  const rests = assumptions.map(line => `  ${line}\n`).join('');
  return `${promise} Seed ${seed}, merged ${new Date(mergedAtMs).toISOString().slice(0, 16)}Z.${short}\n\n${paint(output, 'strong', 'This rests on')}\n${rests}`;
}
