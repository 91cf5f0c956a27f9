// A rehearsal for a pull request: the same words as in the terminal, as Markdown.

import type { FleetRehearsal, Rehearsal } from '@seatrial/simulator';
import { fleetFacts, groupLeftBehind, someOf } from './fleet-facts.ts';
import { headlineOf } from './headline.ts';
import type { Told } from './rehearsal-json.ts';
import { formatSpan, formatWhen } from './span.ts';

/** Names and messages of others stay text. */
const asText = (text: string): string => text.replace(/[\\`*_[\]<>|#]/g, '\\$&').replace(/\s+/g, ' ');

/** Ends with a line break. */
export const renderMarkdown = ({ rehearsal, assumptions }: Told): string =>
  [...rehearsal.fleets.map(fleet => fleetSection(fleet, rehearsal)), endSection(rehearsal, assumptions)].join('\n');

function fleetSection(fleet: FleetRehearsal, rehearsal: Rehearsal): string {
  const { mergedAtMs } = rehearsal;
  const when = (ms: number | undefined): string => (ms === undefined ? '' : formatWhen(ms, mergedAtMs));
  const stages = fleet.stages.map(stage =>
    row([
      String(stage.stage),
      String(stage.boards),
      when(stage.enteredAtMs),
      stage.soakedFromMs === undefined ? '' : `${formatSpan(stage.soakMs)} from ${when(stage.soakedFromMs)}`,
      when(stage.endedAtMs),
      String(stage.mostUpdating.boards),
      String(stage.failed),
    ]),
  );
  const facts = Object.entries(fleetFacts(fleet, mergedAtMs)).flatMap(([name, value]) =>
    value === undefined ? [] : [`- **${name}**: ${asText(value)}\n`],
  );
  const left = groupLeftBehind(fleet.leftBehind).map(
    ({ standing, message, devices }) => `- ${devices.length} ${standing}: ${asText(message)} (${someOf(devices)})\n`,
  );
  return [
    `### ${fleet.fleet} to ${fleet.release}: ${asText(headlineOf(fleet, rehearsal))}\n`,
    ...(stages.length === 0 ? [] : [`${HEAD}${stages.join('')}`]),
    facts.join(''),
    ...(left.length === 0 ? [] : [`**Left behind**\n\n${left.join('')}`]),
  ].join('\n');
}

const row = (cells: readonly string[]): string => `| ${cells.map(asText).join(' | ')} |\n`;
const HEAD = `${row(['stage', 'boards', 'opens', 'soaks', 'ends', 'at work at once', 'failed'])}${row(Array(7).fill('---'))}`;

function endSection({ violation, seed }: Rehearsal, assumptions: readonly string[]): string {
  const promise =
    violation === undefined
      ? 'No promise was broken.'
      : `**Promise ${violation.promise} was broken**: ${asText(violation.message)}. This is a defect.`;
  const rests = assumptions.map(line => `- ${asText(line)}\n`).join('');
  return `${promise} Seed ${seed}.\n\n<details><summary>This rests on</summary>\n\n${rests}\n</details>\n`;
}
