// The fleet's YAML as it was before a change, on top of everything that came after: the texts that a three-way merge takes,
// and what is done where it finds a conflict.

import { findText, replaced, textOf, withRelease } from '../edit/yaml-text.ts';

/** The file of one Fleet or Release: before the change, with it, and at the head of the branch. */
export interface ThreeTexts {
  readonly before: string;
  readonly changed: string;
  readonly head: string;
}

export interface MergeInput {
  readonly ours: string;
  readonly base: string;
  readonly theirs: string;
}

/**
 * What merges into the head with nothing of the change left in that one document, and all else of the file as it is. Undefined
 * where the document was not in the file before, or is not any more.
 */
export function mergeInput({ before, changed, head }: ThreeTexts, kind: string, name: string): MergeInput | undefined {
  const [then, now] = [findText(before, kind, name), findText(changed, kind, name)];
  if (then === undefined || now === undefined || findText(head, kind, name) === undefined) return undefined;
  return { ours: head, base: changed, theirs: replaced(changed, now, textOf(before, then)) };
}

/** Where the rest of the document has changed too much to be merged, only the release goes back. */
export const releaseOnly = (head: string, fleet: string, release: string): string | undefined =>
  withRelease(head, fleet, release);
