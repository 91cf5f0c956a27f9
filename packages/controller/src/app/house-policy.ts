// The review policy of the commit in force: who may approve by review, and how newer artifacts are proposed.

import { type GitCommit, POLICY_FILE } from '@seatrial/spec';
import { DEFAULT_POLICY, policyOf, type ReviewPolicy } from '../review/index.ts';
import type { Checkouts } from './checkouts.ts';

/** What holds while the file has errors: nobody approves by review, and nothing is proposed. */
const NOTHING_ALLOWED: ReviewPolicy = {
  ...DEFAULT_POLICY,
  teams: {},
  bumps: { ...DEFAULT_POLICY.bumps, propose: false },
};

export class HousePolicy {
  readonly #checkouts: Checkouts;
  #known: { readonly commit: GitCommit; readonly policy: ReviewPolicy } | undefined;

  constructor(checkouts: Checkouts) {
    this.#checkouts = checkouts;
  }

  async at(commit: GitCommit): Promise<ReviewPolicy> {
    if (this.#known?.commit === commit) return this.#known.policy;
    const texts = await this.#checkouts.textsAt(commit, [POLICY_FILE]);
    const files = new Map([...texts].map(([path, text]) => [path, Buffer.from(text)]));
    const policy = policyOf({ files }).policy ?? NOTHING_ALLOWED;
    this.#known = { commit, policy };
    return policy;
  }
}
