// The git repository in which people write what the fleet is to be.

import type { GitCommit, Millis } from '@seatrial/spec';

export interface FleetRepository {
  /**
   * Looks at the branch and takes over what is new. Throws PortError: `git-unreachable`, `git-repository-missing`,
   * `git-branch-missing`, `git-timeout`, `git-failed`.
   */
  fetch(): Promise<GitCommit>;
  /** How `to` came to be after `from`; `unknown` when `from` is nowhere to be found. Both as far as they were fetched. */
  relation(from: GitCommit, to: GitCommit): Promise<'same' | 'ahead' | 'rewritten' | 'unknown'>;
  /** The commits before `commit`, first parents only, newest first, at most `limit`. */
  ancestors(commit: GitCommit, limit: number): Promise<readonly GitCommit[]>;
  describe(commit: GitCommit): Promise<CommitInfo>;
  /** The files of a commit that belong to a fleet repository, sorted by path. Throws `commit-too-large` as well. */
  list(commit: GitCommit): Promise<readonly FleetFile[]>;
  /** The bytes of blobs by id, read through one git process. */
  read(blobs: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>>;
}

export interface CommitInfo {
  readonly author: string;
  readonly atMs: Millis;
  readonly subject: string;
}

export interface FleetFile {
  /** Relative to the fleet's directory, with forward slashes. */
  readonly path: string;
  /** Names the content: equal ids are equal bytes. */
  readonly blob: string;
  readonly sizeBytes: number;
}
