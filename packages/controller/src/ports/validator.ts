// The files of a commit into issues and a desired state.

import type { DesiredState, GitCommit, Issue } from '@seatrial/spec';
import type { FleetFile } from './fleet-repository.ts';

export interface Validator {
  /** Reads only the blobs whose content is not known from an earlier commit. */
  validate(
    commit: GitCommit,
    files: readonly FleetFile[],
    read: (blobs: readonly string[]) => Promise<ReadonlyMap<string, Uint8Array>>,
  ): Promise<Validated>;
}

export interface Validated {
  readonly issues: readonly Issue[];
  /** Absent when any issue is an error. */
  readonly desired: DesiredState | undefined;
}
