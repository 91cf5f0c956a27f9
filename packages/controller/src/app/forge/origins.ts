// Which commit brought a rollout's wish into the branch, and through which pull requests. The controller looks at the branch
// now and then, so the commit that it saw may be a later one.

import type { GitCommit } from '@seatrial/spec';
import type { Rollout } from '../../domain/rollout.ts';
import { PortError } from '../../errors.ts';
import type { Forge, PullRequest } from '../../ports/forge.ts';
import type { Checkouts } from './checkouts.ts';

/** So many commits may come between two looks. */
const MOST_COMMITS = 50;
/** A forge needs a moment to see that a push was a merge. */
const SETTLED_MS = 120_000;
const MOST_REMEMBERED = 2_000;

export class Origins {
  readonly #checkouts: Checkouts;
  readonly #forge: Forge;
  readonly #now: () => number;
  readonly #commits = new Map<string, GitCommit>();
  readonly #pullRequests = new Map<GitCommit, readonly PullRequest[]>();

  constructor({ checkouts, forge, now }: { checkouts: Checkouts; forge: Forge; now: () => number }) {
    this.#checkouts = checkouts;
    this.#forge = forge;
    this.#now = now;
  }

  /** Remembers what a commit in force wants: the next one is compared with it. */
  async learn(inForce: GitCommit | undefined): Promise<void> {
    if (inForce !== undefined) await this.#checkouts.wishesAt(inForce);
  }

  /** `before` is the rollout that this one followed. */
  async commitOf(rollout: Rollout, before: Rollout | undefined): Promise<GitCommit> {
    const key = `${rollout.id} ${rollout.gitCommit}`;
    const known = this.#commits.get(key);
    if (known !== undefined) return known;
    const commit = before === undefined ? rollout.gitCommit : await this.#firstOf(rollout, before);
    remember(this.#commits, key, commit);
    return commit;
  }

  /** Merged ones, by which a commit came into the branch. */
  async pullRequestsOf(commit: GitCommit, sinceMs: number): Promise<readonly PullRequest[]> {
    const known = this.#pullRequests.get(commit);
    if (known !== undefined) return known;
    const found = (await this.#forge.pullRequestsOf(commit)).filter(({ state }) => state === 'merged');
    if (found.length > 0 || this.#now() - sinceMs > SETTLED_MS) remember(this.#pullRequests, commit, found);
    return found;
  }

  async #firstOf({ gitCommit, fleet, payloadHash }: Rollout, before: Rollout): Promise<GitCommit> {
    let first = gitCommit;
    for (const ancestor of await this.#ancestors(gitCommit)) {
      if (ancestor === before.gitCommit) break;
      if ((await this.#checkouts.wishesAt(ancestor)).get(fleet)?.payloadHash !== payloadHash) break;
      first = ancestor;
    }
    return first;
  }

  async #ancestors(commit: GitCommit): Promise<readonly GitCommit[]> {
    try {
      return await this.#checkouts.repository.ancestors(commit, MOST_COMMITS);
    } catch (error) {
      if (error instanceof PortError && error.code === 'git-failed') return [];
      throw error;
    }
  }
}

function remember<K, V>(map: Map<K, V>, key: K, value: V): void {
  const [oldest] = map.keys();
  if (oldest !== undefined && map.size >= MOST_REMEMBERED) map.delete(oldest);
  map.set(key, value);
}
