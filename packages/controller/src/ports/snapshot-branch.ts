// The branch on which the reported state of the boards is for everyone to read who may read the repository.

export interface SnapshotBranch {
  /**
   * Replaces whatever the branch holds by this one file, in one commit without parents: old snapshots are of no use to anybody.
   * Throws PortError `snapshot-unreachable`, `git-timeout` or `git-failed`.
   */
  put(file: { readonly path: string; readonly bytes: Uint8Array; readonly atMs: number }): Promise<void>;
}
