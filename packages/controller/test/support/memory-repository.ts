// A fleet repository in memory: the branch's commits in a line, others beside it, each with all of its files.

import { type GitCommit, millis, sha256Hex } from '@seatrial/spec';
import { PortError } from '../../src/errors.ts';
import type { FleetRepository } from '../../src/ports/fleet-repository.ts';
import type { TextMerge } from '../../src/ports/text-merge.ts';
import type { Validated, Validator } from '../../src/ports/validator.ts';
import { commitOf, type MemoryForge } from './memory-forge.ts';
import { NOW_MS } from './told-board.ts';

export class MemoryRepository implements FleetRepository {
  /** The branch, oldest first. */
  readonly #commits: { readonly commit: GitCommit; readonly files: ReadonlyMap<string, string> }[] = [];
  readonly #known = new Map<GitCommit, { readonly parent: GitCommit; readonly subject: string }>();
  readonly #aside = new Map<GitCommit, ReadonlyMap<string, string>>();

  commit(files: ReadonlyMap<string, string>): GitCommit {
    const commit = commitOf(`commit ${this.#commits.length}`);
    this.#commits.push({ commit, files });
    return commit;
  }

  /** A commit that is not on the branch: the head of a pull request, say. */
  aside(files: ReadonlyMap<string, string>): GitCommit {
    const commit = commitOf(`aside ${this.#aside.size}`);
    this.#aside.set(commit, files);
    return commit;
  }

  fetch = async () => this.#at(-1).commit;
  relation = async () => 'ahead' as const;
  /** A commit of which only this is known. */
  know(commit: GitCommit, known: { readonly parent: GitCommit; readonly subject: string }): void {
    this.#known.set(commit, known);
  }

  describe = async (commit: GitCommit) => ({
    author: 'Ada',
    atMs: millis(NOW_MS),
    subject: this.#known.get(commit)?.subject ?? 'Change the fleet',
  });

  ancestors = async (commit: GitCommit, limit: number) => {
    const parent = this.#known.get(commit)?.parent;
    if (parent !== undefined) return [parent];
    return this.#commits
      .slice(0, this.#indexOf(commit))
      .map(each => each.commit)
      .reverse()
      .slice(0, limit);
  };

  list = async (commit: GitCommit) =>
    [...this.filesAt(commit)].map(([path, text]) => ({ path, blob: sha256Hex(text), sizeBytes: text.length }));

  read = async (blobs: readonly string[]) => {
    const all = [...this.#commits.map(({ files }) => files), ...this.#aside.values()];
    const texts = new Map(all.flatMap(files => [...files.values()].map(text => [String(sha256Hex(text)), text])));
    return new Map(blobs.map(blob => [blob, Buffer.from(texts.get(blob) ?? '')]));
  };

  filesAt = (commit: GitCommit) => this.#aside.get(commit) ?? this.#at(this.#indexOf(commit)).files;

  #indexOf(commit: GitCommit): number {
    const index = this.#commits.findIndex(each => each.commit === commit);
    if (index === -1) throw new PortError('git-failed', commit);
    return index;
  }

  #at(index: number) {
    const found = this.#commits.at(index);
    if (found === undefined) throw new PortError('git-branch-missing', 'memory');
    return found;
  }
}

/** Merges what only one side has changed, and finds a conflict in everything else. */
export const simpleMerge: TextMerge = async ({ ours, base, theirs }) =>
  ours === base ? theirs : theirs === base ? ours : undefined;

/** Has git know the commits that a forge has made or been given; each stands on the one that it was put onto. */
export const headTaker = (forge: MemoryForge, repository: MemoryRepository) => async (number: number) => {
  const { head } = await forge.pullRequest(number);
  const written = forge.written.find(({ commit }) => commit === head);
  if (written !== undefined)
    repository.know(head, { parent: written.onto, subject: written.message.split('\n')[0] ?? '' });
  return head;
};

/** The real rules; the same files are judged once, however many controllers ask. */
export function rememberingValidator(validator: Validator): Validator {
  const known = new Map<string, Promise<Validated>>();
  return {
    validate: (commit, files, read) => {
      const key = files.map(({ path, blob }) => `${path} ${blob}`).join('\n');
      const judged = known.get(key) ?? validator.validate(commit, files, read);
      known.set(key, judged);
      return judged;
    },
  };
}
