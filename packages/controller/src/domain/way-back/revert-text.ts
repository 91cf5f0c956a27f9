// What a pull request that takes a release back says: what failed where, by what evidence, and what no git can undo.

import type { DeviceId, GitCommit, Name } from '@seatrial/spec';
import type { Rollout } from '../rollout.ts';
import type { FailedBoard } from '../talk/fleet-progress.ts';
import { boardCount, codeSpan, fold } from '../talk/markdown.ts';

export interface RevertStory {
  readonly rollout: Rollout;
  /** What the fleet would follow again. */
  readonly release: Name;
  /** The commit at which the fleet last wanted it. */
  readonly asOf: GitCommit;
  readonly failures: readonly FailedBoard[];
  readonly stuck: { readonly count: number; readonly first: readonly DeviceId[] };
  /** Only the release goes back, because the rest of the fleet has changed since. */
  readonly isReleaseOnly: boolean;
  /** Why the controller stopped. */
  readonly message: string;
}

/** One for each rollout; numbers begin anew where an audit branch was lost, commits do not. */
export const revertBranch = ({ id, gitCommit }: Pick<Rollout, 'id' | 'gitCommit'>): string =>
  `seatrial/revert/${id}-${gitCommit.slice(0, 8)}`;
export const REVERT_LABELS = ['seatrial', 'revert'] as const;

export const revertTitle = ({ rollout, release }: RevertStory): string =>
  `Take ${rollout.fleet} back from ${rollout.release} to ${release}`;

export const revertMessage = (story: RevertStory): string =>
  `${revertTitle(story)}\n\n${story.rollout.id} was stopped: ${oneLine(story.message)}.\nThis puts the fleet back as it was at ${story.asOf}.\n`;

const SHOWN = 20;

export function revertBody(story: RevertStory): string {
  const { rollout, release, asOf, message, isReleaseOnly } = story;
  const scope = isReleaseOnly
    ? `Only \`spec.release\` goes back: other lines of the fleet have changed since, and stay as they are.`
    : `The fleet's document goes back to what it was at ${asOf}, on top of everything that was merged since.`;
  return [
    `Rollout ${codeSpan(rollout.id)} of release ${codeSpan(rollout.release)} was stopped in stage ${rollout.stage}: ${codeSpan(message)}.`,
    '',
    `This takes fleet ${codeSpan(rollout.fleet)} back to release ${codeSpan(release)}. ${scope}`,
    '',
    '#### What failed',
    '',
    ...failureLines(story.failures),
    '',
    '#### What this can not undo',
    '',
    ...stuckLines(story),
    '',
    'Merged, it begins a rollout of its own, with the stages, windows and gates of the fleet. Closed, it is not opened again.',
  ].join('\n');
}

function failureLines(failures: readonly FailedBoard[]): readonly string[] {
  if (failures.length === 0)
    return ['No board is on record as failed: the boards that could still act were too few to succeed.'];
  const counts = new Map<string, number>();
  for (const { reason } of failures) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  const byCount = [...counts].sort(([, a], [, b]) => b - a);
  const boards = failures
    .slice(0, SHOWN)
    .map(({ device, reason, message }) => `- ${codeSpan(device)} ${codeSpan(reason)}: ${codeSpan(message)}`);
  const more = failures.length - boards.length;
  return [
    '| reason | boards |',
    '|---|---:|',
    ...byCount.slice(0, SHOWN).map(([reason, count]) => `| ${codeSpan(reason)} | ${count} |`),
    '',
    ...fold(`${boardCount(failures.length)}, in their own words`, [...boards, ...(more > 0 ? [`- ${more} more`] : [])]),
  ];
}

function stuckLines({ stuck, release }: RevertStory): readonly string[] {
  if (stuck.count === 0) return ['Nothing that is known of: no board has reported firmware that may not go back.'];
  const more = stuck.count - stuck.first.length;
  return [
    `${boardCount(stuck.count)} committed firmware that is newer than that of ${codeSpan(release)}, and will refuse to go below it (${codeSpan('firmware-below-floor')}). No commit in git changes that: they stay blocked until a release brings the same content with newer firmware.`,
    '',
    ...stuck.first.map(device => `- ${codeSpan(device)}`),
    ...(more > 0 ? [`- ${more} more`] : []),
  ];
}

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').slice(0, 200);
