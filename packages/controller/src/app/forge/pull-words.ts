// What is said on a pull request: the check on its head, and the one comment. The review's own words come from the review.

import { codeSpan } from '../../domain/talk/markdown.ts';
import { errorRow } from '../../errors.ts';
import type { Check } from '../../ports/forge.ts';
import { REVIEW_MARKER, type Review, renderComment } from '../../review/index.ts';
import type { Outcome } from './review-pull.ts';

export const CHECK_NAME = 'seatrial';

export interface PullWords {
  readonly check: Omit<Check, 'commit' | 'name'>;
  readonly comment: string;
  /** False for a change that is none of ours: only a comment that is there already is brought up to date. */
  readonly isWorthAComment: boolean;
}

/** GitHub takes 65,536 characters each for comment, summary and text; it counts a few of them twice. */
const LONGEST = 65_000;
const LONGEST_TITLE = 255;
const PATHS_SHOWN = 20;

export function pullWords(outcome: Outcome, fullTextUrl: string | undefined): PullWords {
  if (outcome.kind === 'reviewed') return reviewWords(outcome, fullTextUrl);
  if (outcome.kind === 'conflict') return conflictWords(outcome.paths);
  const { code } = outcome.problem;
  const { cause, remedy } = errorRow(code);
  return failureWords('Seatrial could not read this change', [`\`${code}\`: ${cause}`, '', remedy]);
}

function reviewWords(
  { review, touchesFleet }: Extract<Outcome, { kind: 'reviewed' }>,
  fullTextUrl: string | undefined,
): PullWords {
  const { comment, full } = renderComment(review, {
    limit: LONGEST,
    ...(fullTextUrl !== undefined && { fullTextUrl }),
  });
  return {
    check: {
      conclusion: review.conclusion,
      title: cut(review.verdict.line),
      summary: summaryOf(review),
      text: full,
      annotations: review.annotations.map(annotation => ({ ...annotation, title: cut(annotation.title) })),
    },
    comment,
    isWorthAComment: touchesFleet,
  };
}

const summaryOf = ({ warnings, needsApproval }: Review): string => {
  const counts = { block: 0, approve: 0, tell: 0 };
  for (const { effect } of warnings) counts[effect] += 1;
  const waits = needsApproval.map(({ role }) => codeSpan(role)).join(', ');
  const said = `${counts.block} blocking, ${counts.approve} that need an approval, ${counts.tell} to know of.`;
  return waits === '' ? `Warnings: ${said}` : `Warnings: ${said} Missing: the approval of ${waits}.`;
};

function conflictWords(paths: readonly string[]): PullWords {
  const shown = paths.slice(0, PATHS_SHOWN).map(path => `- ${codeSpan(path)}`);
  const more = paths.length > PATHS_SHOWN ? [`- and ${paths.length - PATHS_SHOWN} more`] : [];
  return failureWords('Seatrial: this branch conflicts with its base', [
    'Nothing can be foretold before it can be merged. Merge or rebase onto the base; these files conflict:',
    '',
    ...shown,
    ...more,
  ]);
}

function failureWords(title: string, lines: readonly string[]): PullWords {
  const text = lines.join('\n');
  return {
    check: { conclusion: 'failure', title, summary: text, annotations: [] },
    comment: [REVIEW_MARKER, `### ${title}`, '', text].join('\n'),
    isWorthAComment: true,
  };
}

const cut = (text: string): string => (text.length <= LONGEST_TITLE ? text : `${text.slice(0, LONGEST_TITLE - 1)}…`);
