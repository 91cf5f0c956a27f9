// A review as people read it: in a terminal, in a pull request, in the output of a check.

import type { Review } from '../review.ts';
import { fitReview } from './fit.ts';
import { reviewText } from './text.ts';

/** What GitHub takes of a comment, in characters [github-comment-limit]. */
export const COMMENT_LIMIT = 65_536;
/** What GitHub takes of the text of a check's output. */
export const CHECK_TEXT_LIMIT = 65_535;

/** The whole review. Ends with a line break. Whatever the YAML and the boards say, it is shown and does nothing. */
export function renderReview(review: Review, { format }: { readonly format: 'text' | 'markdown' }): string {
  if (format === 'text') return reviewText(review);
  return `${fitReview(review, { limit: Number.POSITIVE_INFINITY, elsewhere: '', marker: false })}\n`;
}

export interface CommentOptions {
  readonly limit?: number;
  /** Where the full text is shown; by default the reader is sent to the checks of the pull request. */
  readonly fullTextUrl?: string | undefined;
}

export interface RenderedComment {
  /** Begins with REVIEW_MARKER. */
  readonly comment: string;
  /** For the output of the check. */
  readonly full: string;
}

/** Neither is longer than its limit, in characters or in bytes; a limit below 4,096 is taken for 4,096. */
export function renderComment(
  review: Review,
  { limit = COMMENT_LIMIT, fullTextUrl }: CommentOptions = {},
): RenderedComment {
  const bound = Math.max(limit, LEAST_LIMIT);
  const where = fullTextUrl === undefined ? 'the checks of this pull request' : `[the check](${safeUrl(fullTextUrl)})`;
  return {
    comment: fitReview(review, { limit: bound, elsewhere: `see ${where}.`, marker: true }),
    full: fitReview(review, {
      limit: Math.min(bound, CHECK_TEXT_LIMIT),
      elsewhere: 'run `seatrial diff` for all of it.',
      marker: false,
    }),
  };
}

/** Verdict, small print and notes fit into this. */
const LEAST_LIMIT = 4_096;

/** Nothing that ends the link. */
const safeUrl = (url: string): string =>
  encodeURI(url).replace(/[()<>]/g, sign => `%${sign.charCodeAt(0).toString(16)}`);
