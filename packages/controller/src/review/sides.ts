// One side of a change: the files of a fleet's directory at one commit, judged.

import {
  compareIssues,
  type GitCommit,
  type Millis,
  type ParseCache,
  type ParsedFile,
  POLICY_FILE,
  type Sha256,
  validateFiles,
} from '@seatrial/spec';
import { DEFAULT_POLICY, type ParsedPolicy, parsePolicy } from './policy.ts';
import type { Side } from './review.ts';

export interface SideFiles {
  /** By path relative to the fleet's directory, with forward slashes. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly commit?: GitCommit | undefined;
  readonly atMs?: Millis | undefined;
}

export interface SideOptions {
  readonly nowMs: Millis;
  /** Base and head share nearly all files: one cache for both judges each of them once. */
  readonly cache?: ParseCache | undefined;
}

/** Never throws for any input. */
export function readSide({ files, commit, atMs }: SideFiles, { nowMs, cache }: SideOptions): Side {
  const { issues, desired, parsed } = validateFiles(files, { gitCommit: commit, nowMs }, cache ?? sharedCache());
  return {
    ...(commit === undefined ? {} : { commit }),
    ...(atMs === undefined ? {} : { atMs }),
    ...(desired === undefined ? {} : { desired }),
    issues,
    files,
    parsed,
  };
}

const sharedCache = (): ParseCache => new Map<Sha256, ParsedFile>();

/** The policy at the root of the fleet's directory; the default where there is none. Prefer the one at the repository's root. */
export function policyOf(side: Pick<Side, 'files'>): ParsedPolicy {
  const bytes = side.files.get(POLICY_FILE);
  return bytes === undefined ? { policy: DEFAULT_POLICY, issues: [] } : parsePolicy(bytes);
}

/** A policy with errors comes into force like any other error: not at all. */
export function withPolicyIssues(side: Side): Side {
  const { issues } = policyOf(side);
  if (issues.length === 0) return side;
  const { desired: _desired, ...rest } = side;
  return { ...rest, issues: [...side.issues, ...issues].sort(compareIssues) };
}
