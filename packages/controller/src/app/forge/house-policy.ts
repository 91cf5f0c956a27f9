// The review policy of the commit in force: who may approve by review, and how newer artifacts are proposed.

import { type GitCommit, POLICY_FILE } from '@seatrial/spec';
import { DEFAULT_POLICY, parsePolicy, type ReviewPolicy } from '../../review/index.ts';
import type { Checkouts } from './checkouts.ts';

/** What holds while the file has errors: nobody approves by review, and nothing is proposed. */
const NOTHING_ALLOWED: ReviewPolicy = {
  ...DEFAULT_POLICY,
  teams: {},
  bumps: { ...DEFAULT_POLICY.bumps, propose: false },
};

type FileAtRoot = (commit: GitCommit, path: string) => Promise<Uint8Array | undefined>;

export class HousePolicy {
  readonly #checkouts: Checkouts;
  readonly #fileAtRoot: FileAtRoot;
  #known: { readonly commit: GitCommit; readonly policy: ReviewPolicy } | undefined;

  /** Beside the fleet's files, or else at the root of the repository. */
  constructor(checkouts: Checkouts, fileAtRoot: FileAtRoot) {
    this.#checkouts = checkouts;
    this.#fileAtRoot = fileAtRoot;
  }

  async at(commit: GitCommit): Promise<ReviewPolicy> {
    if (this.#known?.commit === commit) return this.#known.policy;
    const beside = (await this.#checkouts.textsAt(commit, [POLICY_FILE])).get(POLICY_FILE);
    const bytes = beside === undefined ? await this.#fileAtRoot(commit, POLICY_FILE) : Buffer.from(beside);
    const policy = bytes === undefined ? DEFAULT_POLICY : (parsePolicy(bytes).policy ?? NOTHING_ALLOWED);
    this.#known = { commit, policy };
    return policy;
  }
}
