// What git would make of a pull request: the heads as they are now, and what a merge into the branch would hold.

import type { GitCommit } from '@seatrial/spec';
import type { CommitInfo, FleetFile } from './fleet-repository.ts';

/** Every method throws PortError `git-unreachable`, `git-branch-missing`, `git-timeout` or `git-failed`. */
export interface MergePreview {
  /** Where the fleet's branch and the heads of pull requests are now; one whose head is gone is left out. The branch is taken over. */
  look(numbers: readonly number[]): Promise<Heads>;
  /** Takes the head of a pull request over: the commit that it was at when it was fetched. */
  take(number: number): Promise<GitCommit>;
  /** What `base` would hold after `head` is merged into it. Nothing of either is run. */
  merge(base: GitCommit, head: GitCommit): Promise<Merge>;
  /** The fleet's files of a commit or tree. */
  list(tree: string): Promise<readonly FleetFile[]>;
  /** A file by its path from the root of the repository; undefined where there is none. */
  file(tree: string, path: string): Promise<Uint8Array | undefined>;
  describe(commit: GitCommit): Promise<CommitInfo>;
  read(blobs: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>>;
  /** Lets go of what was taken of all other pull requests. */
  keepOnly(numbers: readonly number[]): Promise<void>;
}

export interface Heads {
  readonly base: GitCommit;
  readonly heads: ReadonlyMap<number, GitCommit>;
}

export type Merge =
  | { readonly kind: 'clean'; readonly tree: string }
  /** `paths` from the root of the repository, sorted. */
  | { readonly kind: 'conflict'; readonly paths: readonly string[] };
