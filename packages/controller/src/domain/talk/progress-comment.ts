// The sticky comment of a merged pull request: every fleet that it changed, how far each has come, and what failed.

import type { FleetProgress, ProgressCounts } from './fleet-progress.ts';
import { boardCount, codeSpan, fold } from './markdown.ts';
import { eventText } from './next-event.ts';
import { type StatusText, statusOf } from './status-text.ts';

/** GitHub takes 65,536 characters; less what its own counting of line ends may add. */
const LONGEST = 65_000;

const COLUMNS = [
  ['upToDate', 'up to date'],
  ['updating', 'updating'],
  ['pending', 'pending'],
  ['queued', 'waiting for their turn'],
  ['failed', 'failed'],
  ['rolledBack', 'rolled back'],
  ['blocked', 'blocked'],
  ['gated', 'gated'],
  ['unreachable', 'unreachable'],
] as const satisfies readonly (readonly [keyof ProgressCounts, string])[];

const SIGNS: Readonly<Record<StatusText['state'], string>> = {
  pending: '⏳',
  success: '✅',
  failure: '❌',
  error: '⏹️',
};

/** The whole body. Fleets that do not fit are counted; each has its commit status. */
export function progressComment(marker: string, fleets: readonly FleetProgress[]): string {
  const sorted = [...fleets].sort((a, b) => (a.fleet < b.fleet ? -1 : 1));
  for (let shown = sorted.length; shown > 0; shown = shown > 20 ? Math.floor(shown * 0.9) : shown - 1) {
    const body = bodyOf(marker, sorted, shown);
    if (body.length <= LONGEST) return body;
  }
  return bodyOf(marker, sorted, 0);
}

function bodyOf(marker: string, fleets: readonly FleetProgress[], shown: number): string {
  const told = fleets.slice(0, shown);
  const left = fleets.length - shown;
  return [
    marker,
    `### Seatrial: ${summaryOf(fleets)}`,
    '',
    `| fleet | release | state | ${COLUMNS.map(([, title]) => title).join(' | ')} | next |`,
    `|---|---|---|${COLUMNS.map(() => '---:').join('|')}|---|`,
    ...told.map(rowOf),
    ...(left > 0 ? ['', `${left} more: see the commit statuses.`] : []),
    ...told.flatMap(failuresOf),
    '',
    'Edited in place while the boards move. The review from before the merge stands in the checks of this pull request.',
  ].join('\n');
}

function summaryOf(fleets: readonly FleetProgress[]): string {
  const counts = new Map<string, number>();
  for (const { state } of fleets) {
    const word = state.kind === 'done' ? state.outcome : state.kind === 'paused' ? 'paused' : 'under way';
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return [...counts].map(([word, count]) => `${count} ${count === 1 ? 'fleet' : 'fleets'} ${word}`).join(', ');
}

function rowOf(progress: FleetProgress): string {
  const { fleet, release, counts, next, revert } = progress;
  const { state, description } = statusOf(stateOnly(progress));
  const numbers = COLUMNS.map(([key]) => (counts === undefined ? '' : String(counts[key])));
  const then =
    revert === undefined
      ? next === undefined
        ? ''
        : codeSpan(eventText(next))
      : `[revert #${revert.number}](${revert.url})`;
  return `| ${codeSpan(fleet)} | ${codeSpan(release)} | ${SIGNS[state]} ${codeSpan(description)} | ${numbers.join(' | ')} | ${then} |`;
}

/** What has a column of its own is not said twice. */
const stateOnly = ({ counts: _counts, next: _next, revert: _revert, ...progress }: FleetProgress): FleetProgress =>
  progress;

function failuresOf({ fleet, failures }: FleetProgress): readonly string[] {
  const { count, first } = failures;
  if (count === 0) return [];
  const more = count - first.length;
  return [
    '',
    ...fold(`${fleet}: ${boardCount(count)} failed`, [
      ...first.map(({ device, reason, message }) => `- ${codeSpan(device)} ${codeSpan(reason)}: ${codeSpan(message)}`),
      ...(more > 0 ? [`- ${more} more`] : []),
    ]),
  ];
}
