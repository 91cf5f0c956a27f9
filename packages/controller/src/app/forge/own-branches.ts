// The branches of our own pull requests: who wrote last to each of them.
//
// INVARIANTS: what is about to be written is noted before, and what was written after, so that a commit whose answer was lost
// is known for ours, and one of a person never is.

import type { GitCommit } from '@seatrial/spec';
import { PortError } from '../../errors.ts';
import type { FleetRepository } from '../../ports/fleet-repository.ts';
import type { Forge, ProposedCommit, PullRequest } from '../../ports/forge.ts';
import type { ForgeMemory } from './memory.ts';

export interface OwnBranchesOptions {
  readonly forge: Forge;
  readonly memory: ForgeMemory;
  readonly repository: FleetRepository;
  /** Has git know the head of a pull request, and says which commit it is. */
  readonly takeHead: (number: number) => Promise<GitCommit>;
}

export class OwnBranches {
  readonly #options: OwnBranchesOptions;

  constructor(options: OwnBranchesOptions) {
    this.#options = options;
  }

  async write(proposed: ProposedCommit): Promise<void> {
    const { forge, memory } = this.#options;
    const { branch, onto, message } = proposed;
    await memory.note(intentTopic(branch), intentOf(onto, message));
    await memory.note(writtenTopic(branch), await forge.putCommit(proposed));
  }

  /** Where the last commit that was written stands; undefined where none was. */
  async base(branch: string): Promise<string | undefined> {
    return (await this.#options.memory.get(intentTopic(branch)))?.digest.split(' ')[0];
  }

  /** Nobody else has written to the branch of this pull request. */
  async isOurs({ number, head, headBranch }: PullRequest): Promise<boolean> {
    const { memory } = this.#options;
    if ((await memory.get(writtenTopic(headBranch)))?.digest === head) return true;
    const intent = await memory.get(intentTopic(headBranch));
    if (intent === undefined || (await this.#intentBehind(number, head)) !== intent.digest) return false;
    await memory.note(writtenTopic(headBranch), head);
    return true;
  }

  async #intentBehind(number: number, head: GitCommit): Promise<string | undefined> {
    const { repository, takeHead } = this.#options;
    try {
      if ((await takeHead(number)) !== head) return undefined;
      const [parent] = await repository.ancestors(head, 1);
      return parent && intentOf(parent, (await repository.describe(head)).subject);
    } catch (error) {
      if (error instanceof PortError && (error.code === 'git-failed' || error.code === 'git-unreachable'))
        return undefined;
      throw error;
    }
  }
}

const writtenTopic = (branch: string): string => `branch ${branch}`;
const intentTopic = (branch: string): string => `intent ${branch}`;
const intentOf = (onto: GitCommit, message: string): string => `${onto} ${message.split('\n')[0]}`;
