// GitHub's values as ours.

import { type GitCommit, type Millis, parseGitCommit } from '@seatrial/spec';
import { PortError } from '../../errors.ts';

/** GitHub may change line ends and what follows the last word. */
export const sameText = (theirs: string | null | undefined, ours: string): boolean =>
  (theirs ?? '').replaceAll('\r\n', '\n').trimEnd() === ours.replaceAll('\r\n', '\n').trimEnd();

export function commitOf(text: string): GitCommit {
  const commit = parseGitCommit(text);
  if (commit === undefined)
    throw new PortError('forge-rejected', text, { detail: 'GitHub named something that is no commit' });
  return commit;
}

export const momentOf = (text: string): Millis => Date.parse(text) as Millis; // ISO 8601, as GitHub writes all times
