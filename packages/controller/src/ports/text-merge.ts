// Merging three versions of one text, as git does it.

/** Undefined where both sides changed the same lines. Throws PortError `git-failed` or `git-timeout`. */
export type TextMerge = (texts: {
  readonly ours: string;
  readonly base: string;
  readonly theirs: string;
}) => Promise<string | undefined>;
