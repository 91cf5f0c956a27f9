// The cells and lines that the comment, the check and the terminal share: plain text, made safe by whoever shows it.

import { EARLIEST_PLAUSIBLE_MS, type Pair, type PreviewedStep } from '@seatrial/capsule-plan';
import { formatBytes, formatDuration, formatFirmwareVersion, type OstreeCommit } from '@seatrial/spec';
import { boardCount } from '../../domain/talk/markdown.ts';
import { momentText } from '../../domain/talk/next-event.ts';
import { countOf } from '../findings.ts';
import type { BoardSample, FleetReview, Review, RolloutForecast, StepClass, Warning } from '../review.ts';
import { WARNINGS } from '../warnings.ts';

export const COLUMNS = ['Fleet', 'Boards', 'Firmware', 'OS', 'To fetch', 'Stages and earliest end'] as const;

/** One cell for each of COLUMNS. */
export const rowCells = (fleet: FleetReview): readonly string[] => [
  fleet.fleet,
  boardsCell(fleet),
  firmwareCell(fleet),
  osCell(fleet),
  fetchCell(fleet),
  stagesCell(fleet),
];

function boardsCell({ status, suspended, counts }: FleetReview): string {
  if (status === 'deleted') return `fleet deleted, ${counts.total} released`;
  const others = [
    ...(counts.blocked > 0 ? [`${counts.blocked} blocked`] : []),
    ...(counts.failed > 0 ? [`${counts.failed} failed before`] : []),
    ...(counts.unobserved > 0 ? [`${counts.unobserved} unknown`] : []),
    ...(counts.pinned > 0 ? [`${counts.pinned} pinned`] : []),
    ...(suspended ? ['suspended'] : []),
  ];
  return [`${counts.changing} of ${counts.total}`, ...others].join(', ');
}

const NONE = '–';

function firmwareCell({ firmware: { from, to } }: FleetReview): string {
  if (to === undefined) return NONE;
  const range = ({ least, most }: NonNullable<typeof to>): string =>
    least === most ? formatFirmwareVersion(least) : `${formatFirmwareVersion(least)} to ${formatFirmwareVersion(most)}`;
  return `${from === undefined ? 'unknown' : range(from)} → ${range(to)}`;
}

function osCell({ os: { from, to } }: FleetReview): string {
  if (to.length === 0) return NONE;
  const commits = (all: readonly OstreeCommit[]): string =>
    all.length > 2 ? `${all.length} commits` : all.map(shortCommit).join(', ');
  return `${from.length === 0 ? 'unknown' : commits(from)} → ${commits(to)}`;
}

const shortCommit = (commit: OstreeCommit): string => commit.slice(0, 10);

/** Capsules exactly; how much of a commit a board lacks is not known in advance. */
function fetchCell({ fetch: { capsuleBytes, perBoard, pulls } }: FleetReview): string {
  const each = perBoard.least === perBoard.most ? formatBytes(perBoard.most) : `up to ${formatBytes(perBoard.most)}`;
  const capsules = capsuleBytes === 0 ? [] : [`${formatBytes(capsuleBytes)} of capsules (${each} a board)`];
  const commits = pulls === 0 ? [] : [`the OS for ${boardCount(pulls)}, size unknown`];
  return [...capsules, ...commits].join('; ') || NONE;
}

function stagesCell({ rollout, status }: FleetReview): string {
  if (status === 'deleted') return NONE;
  if (rollout === undefined) return 'no new rollout';
  const sizes = rollout.stages.map(({ boards }) => boards);
  const noun = sizes.at(-1) === 1 ? 'board' : 'boards';
  const stages = sizes.length === 0 ? '' : `${countOf(sizes.length, 'stage')} (${sizes.join(', ')} ${noun}); `;
  return `${stages}${endText(rollout)}`;
}

const endText = ({ earliestEndMs, halts }: RolloutForecast): string =>
  earliestEndMs === undefined ? `stops: ${halts ?? 'unknown'}` : `ends ${momentText(earliestEndMs)}`;

/* ---- Warnings ---- */

export const EFFECT_WORDS = {
  block: 'blocks',
  approve: 'needs approval',
  tell: 'note',
} as const satisfies Record<Warning['effect'], string>;

export interface WarningWords {
  /** What it does, and whose approval it needs. */
  readonly effect: string;
  readonly title: string;
  readonly text: string;
  /** Fleet, place, boards: whatever is known. */
  readonly where: readonly string[];
}

export const warningWords = ({ code, effect, role, text, fleet, boards, place }: Warning): WarningWords => ({
  effect: role === undefined ? EFFECT_WORDS[effect] : `needs the approval of ${role}`,
  title: WARNINGS[code].title,
  text,
  where: [
    ...(fleet === undefined ? [] : [`fleet ${fleet}`]),
    ...(boards === undefined || boards.count === 0 ? [] : [sampleText(boards)]),
    ...(place === undefined ? [] : [`${place.path}:${place.startLine}`]),
    code,
  ],
});

/** `a, b and 3 more`. */
export const sampleText = ({ count, first }: BoardSample): string =>
  count > first.length ? `${first.join(', ')} and ${count - first.length} more` : first.join(', ');

/* ---- Classes of boards ---- */

const ENDINGS = {
  changing: 'would change',
  blocked: 'could not begin',
  failed: 'failed this before',
} as const satisfies Record<StepClass['ends'], string>;

/** `37 boards (a, b and 35 more) would change: firmware 0.0.1.1, OS aaaaaaaaaa to release r-2`. */
export const classHeading = ({ boards, release, from, ends }: StepClass): string =>
  `${boardCount(boards.count)} (${sampleText(boards)}) ${ENDINGS[ends]}: from ${pairText(from)} to release ${release}`;

const pairText = ({ firmware, os }: Pair): string =>
  [
    ...(firmware === undefined ? [] : [`firmware ${formatFirmwareVersion(firmware)}`]),
    ...(os === undefined ? [] : [`OS ${shortCommit(os)}`]),
  ].join(', ') || 'what nobody knows';

/** Numbered; a moment stands where it moves on. */
export function stepLines({ steps, failure }: StepClass): readonly string[] {
  const lines = steps.map((step, at) => {
    const moved =
      at > 0 && step.notBeforeMs !== steps[at - 1]?.notBeforeMs && step.notBeforeMs >= EARLIEST_PLAUSIBLE_MS;
    const when = moved ? `   from ${momentText(step.notBeforeMs)}` : '';
    return `${String(at + 1).padStart(4)}  ${stepText(step)}${when}`;
  });
  const failed = failure === undefined ? [] : [`      ${failure.reason}: ${failure.message}`];
  return [...lines, ...failed];
}

const stepText = ({ step, description }: PreviewedStep): string =>
  step.kind === 'wait' ? `${description} (${step.reason})` : description;

/** One line for each stage. */
export const stageLines = ({ rollout }: FleetReview): readonly string[] =>
  (rollout?.stages ?? []).map(({ stage, boards, startsMs, endsMs, soakMs, approvals }) => {
    const soak = soakMs === 0 ? '' : `, soak of ${formatDuration(soakMs)} included`;
    const end = endsMs === undefined ? '' : ` until ${momentText(endsMs)}${soak}`;
    const needs = approvals.length === 0 ? '' : `; needs the approval of ${approvals.join(', ')}`;
    return `stage ${stage}: ${boardCount(boards)} from ${momentText(startsMs)}${end}${needs}`;
  });

/* ---- The small print ---- */

/** What the review rests on. */
export function basisLine({ base, head, snapshot }: Review): string {
  const { boards, gitCommit, takenAtMs } = snapshot;
  const when = takenAtMs === undefined ? 'at an unknown time' : `at ${momentText(takenAtMs)}`;
  const commit = gitCommit === undefined ? '' : ` under commit ${gitCommit.slice(0, 12)}`;
  const sides = `Compared ${head?.slice(0, 12) ?? 'the change'} with ${base?.slice(0, 12) ?? 'its base'}`;
  return `${sides}, and with what ${boardCount(boards)} reported ${when}${commit}. Times suppose a merge now, approvals at once, open gates and healthy boards.`;
}
