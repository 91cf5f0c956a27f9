// Which reviews of a pull request count as approvals, and of what: pure, so that nobody has to trust a forge's own verdict.

import type { GitCommit, Millis } from '@seatrial/spec';

/** One review, as the forge tells of it. */
export interface GivenReview {
  readonly by: string;
  readonly verdict: 'approved' | 'changesRequested' | 'dismissed' | 'commented';
  /** What was reviewed. */
  readonly commit: GitCommit;
  readonly atMs: Millis;
}

export interface ReviewedPull {
  readonly author: string;
  /** The only commit of which a review counts. */
  readonly head: GitCommit;
}

/**
 * The approvals that stand: of each person the last word, which must be of the head. Nobody approves their own change. A mere
 * comment takes nothing back; a request for changes and a dismissal do.
 */
export function standingApprovals(pull: ReviewedPull, reviews: readonly GivenReview[]): readonly GivenReview[] {
  const lastWords = new Map<string, GivenReview>();
  for (const review of inOrder(reviews)) {
    if (review.verdict !== 'commented') lastWords.set(review.by.toLowerCase(), review);
  }
  return [...lastWords.values()].filter(
    ({ by, verdict, commit }) =>
      verdict === 'approved' && commit === pull.head && by.toLowerCase() !== pull.author.toLowerCase(),
  );
}

/** By time; at the same moment as the forge lists them. */
const inOrder = (reviews: readonly GivenReview[]): readonly GivenReview[] =>
  reviews
    .map((review, index) => ({ review, index }))
    .sort((a, b) => a.review.atMs - b.review.atMs || a.index - b.index)
    .map(({ review }) => review);
