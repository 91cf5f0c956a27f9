// Whose doing it is, for people: the words in git with their commits, then the decisions on the way to the board.

import type { Blame } from '@seatrial/controller/audit';
import type { Output } from '../cli.ts';
import { formatMoment } from '../output/moment.ts';
import { paint } from '../output/paint.ts';
import { printable } from '../output/printable.ts';
import { renderTable } from '../output/table.ts';
import type { Source, Sources } from './blame-sources.ts';
import { renderDecision } from './render-decision.ts';

export function renderBlame(output: Output, found: Blame, sources: Sources): string {
  const decided = found.decisions.map(one => renderDecision(output, one)).join('');
  return [
    `${paint(output, 'strong', headingOf(found))}\n`,
    renderTable(output, COLUMNS, rowsOf(sources)),
    ...(found.target === undefined || found.target.pinned ? [] : [`${turnText(found)}\n${decided}`]),
  ].join('\n');
}

function headingOf({ device, target }: Blame): string {
  if (target === undefined) return `${device} is in no fleet: nothing is wanted of it`;
  const { release, fleet, pinned } = target;
  return pinned
    ? `${device} is pinned to ${release} in fleet ${fleet}`
    : `${device} is to run ${release} with fleet ${fleet}`;
}

interface Row extends Source {
  readonly part: string;
}

const rowsOf = ({ approvals, ...parts }: Sources): readonly Row[] => [
  ...(['fleet', 'release', 'pin', 'listed'] as const).flatMap(part => {
    const source = parts[part];
    return source === undefined ? [] : [{ part, ...source }];
  }),
  ...approvals.map(source => ({ part: 'approval', ...source })),
];

const COLUMNS = [
  { title: 'WHAT', value: ({ part }: Row) => part },
  { title: 'SAYS', value: ({ says }: Row) => says },
  { title: 'WHERE', value: ({ file, line }: Row) => `${file}:${line}` },
  { title: 'COMMIT', value: ({ origin }: Row) => origin.commit.slice(0, 12) },
  { title: 'WHEN', value: ({ origin }: Row) => formatMoment(origin.atMs) },
  { title: 'WHO', value: ({ origin }: Row) => origin.author },
  { title: 'SUBJECT', value: ({ origin }: Row) => origin.subject },
];

function turnText({ rollout, turn }: Blame): string {
  if (rollout === undefined || turn === undefined) return 'Nothing was decided about this release yet.';
  const { place, cohort, stage } = turn;
  const when = stage === undefined ? 'no stage has let it in yet' : `let in by stage ${stage}`;
  return printable(`Rollout ${rollout.id}: place ${place} of ${cohort}, ${when}.`);
}
