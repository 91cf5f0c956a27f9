// A fleet's preview for people: boards that would do the same stand together, and whatever holds them back is named.

import type { PreviewedStep } from '@seatrial/capsule-plan';
import { type BoardPreview, countOutcomes, type FleetPreview, type Outcome } from '@seatrial/controller/review';
import type { Output } from '../cli.ts';
import { formatMoment } from '../output/moment.ts';
import { paint, type Tone } from '../output/paint.ts';
import { plural } from '../output/plural.ts';
import { printable } from '../output/printable.ts';

/** Ends with a line break. */
export function renderPreview(output: Output, preview: FleetPreview): string {
  const groups = groupAlike(preview.boards.filter(({ outcome }) => outcome !== 'upToDate' && outcome !== 'unselected'));
  return [...groups.map(group => renderGroup(output, group)), renderSummary(output, preview)].join('\n');
}

/** Boards whose steps read the same, in the order of their first member. */
function groupAlike(boards: readonly BoardPreview[]): readonly (readonly BoardPreview[])[] {
  const groups = new Map<string, BoardPreview[]>();
  for (const board of boards) {
    const { fleet, release, outcome, suspended, failure, steps } = board;
    const key = JSON.stringify([fleet, release, outcome, suspended, failure?.message, steps.map(stepText)]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [board]);
    else group.push(board);
  }
  return [...groups.values()];
}

const NAMES_SHOWN = 4;

function renderGroup(output: Output, group: readonly BoardPreview[]): string {
  const [board] = group;
  if (board === undefined) return '';
  const { outcome, fleet, release, pinned, suspended } = board;
  const shown = group.slice(0, NAMES_SHOWN).map(({ device }) => device);
  const names =
    group.length > NAMES_SHOWN ? `${shown.join(', ')} and ${group.length - NAMES_SHOWN} more` : shown.join(', ');
  const heading = `${paint(output, 'strong', names)} (fleet ${fleet}, release ${release}${pinned ? ', pinned' : ''})`;
  const lines = [
    `${heading}: ${paint(output, TONES[outcome], ENDINGS[outcome])}`,
    ...(suspended ? ['    the fleet is suspended: none of this would be published'] : []),
    ...numbered(output, board.steps),
    ...failureLines(board),
  ];
  return lines.map(line => `${line}\n`).join('');
}

const TONES = {
  upToDate: 'good',
  changing: 'active',
  blocked: 'warning',
  failed: 'bad',
  unselected: 'quiet',
} as const satisfies Record<Outcome, Tone>;

const ENDINGS = {
  upToDate: 'up to date',
  changing: 'would change',
  blocked: 'blocked',
  failed: 'failed before',
  unselected: 'in no fleet',
} as const satisfies Record<Outcome, string>;

/** A moment stands where it moves on: at the first step, and after each wait. */
function numbered(output: Output, steps: readonly PreviewedStep[]): string[] {
  return steps.map((step, at) => {
    const moved = at > 0 && step.notBeforeMs !== steps[at - 1]?.notBeforeMs;
    const when = moved ? paint(output, 'quiet', `   from ${formatMoment(step.notBeforeMs)}`) : '';
    return `  ${String(at + 1).padStart(4)}  ${stepText(step)}${when}`;
  });
}

const stepText = ({ step, description }: PreviewedStep): string =>
  printable(step.kind === 'wait' ? `${description} (${step.reason})` : description);

const failureLines = ({ failure }: BoardPreview): string[] =>
  failure === undefined
    ? []
    : [
        `    ${failure.reason}: ${printable(failure.message)}`,
        '    it is not tried again until git changes or somebody runs `seatrial rollout retry`',
      ];

function renderSummary(output: Output, { boards, unobserved }: FleetPreview): string {
  const counts = countOutcomes(boards);
  const words = (['changing', 'blocked', 'failed', 'upToDate', 'unselected'] as const)
    .filter(outcome => counts[outcome] > 0)
    .map(outcome => paint(output, TONES[outcome], `${counts[outcome]} ${ENDINGS[outcome]}`));
  const unknown = unobserved.length === 0 ? [] : [`${plural(unobserved.length, 'board')} of git not in the snapshot`];
  return `${plural(boards.length, 'board')}: ${[...words, ...unknown].join(', ') || 'nothing to say'}\n`;
}
