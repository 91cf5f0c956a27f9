// An engineer with a clone: what they push are real pushes by real git.

import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { git } from './git/run-git.ts';
import type { Repository } from './model/repository.ts';

/** Text by path; null deletes. */
export type Changes = Readonly<Record<string, string | null>>;

export interface PushOptions {
  readonly message?: string;
  /** Over what another has pushed. */
  readonly force?: boolean;
  /** Where the branch starts when it is new: the default branch otherwise. */
  readonly from?: string;
}

interface Clone {
  readonly login: string;
  readonly folder: string;
  readonly remote: string;
  readonly repository: Repository;
  /** What follows from a push has happened. */
  readonly pushed: () => Promise<void>;
}

export class Engineer {
  readonly #clone: Clone;

  private constructor(clone: Clone) {
    this.#clone = clone;
  }

  /** `remote` is a path, or an address with a token in it. */
  static async clone(clone: Clone): Promise<Engineer> {
    mkdirSync(clone.folder, { recursive: true });
    const engineer = new Engineer(clone);
    const identity = [`user.name=${clone.login}`, `user.email=${clone.login}@users.noreply.github.com`];
    const settings = identity.flatMap(setting => ['--config', setting]);
    await engineer.git('clone', '--quiet', '--no-checkout', ...settings, clone.remote, '.');
    return engineer;
  }

  get login(): string {
    return this.#clone.login;
  }

  /** Where they work. */
  get folder(): string {
    return this.#clone.folder;
  }

  /** Any git command in the clone; what it writes, without the line's end. */
  async git(...args: readonly string[]): Promise<string> {
    const env = { GIT_PUSHER: this.#clone.login };
    return (await git(this.#clone.folder, args, { env })).toString('utf8').trimEnd();
  }

  /** One commit on top of the branch, pushed. Answers with its id. */
  async push(branch: string, changes: Changes, options: PushOptions = {}): Promise<string> {
    await this.#checkOut(branch, options);
    for (const [path, text] of Object.entries(changes)) this.#write(path, text);
    await this.git('add', '--all');
    await this.git(
      'commit',
      '--quiet',
      '--allow-empty',
      '-m',
      options.message ?? `Change ${Object.keys(changes).join(', ')}`,
    );
    return this.#publish(branch, options);
  }

  /** Rewrites the branch: the changes upon `from`, whatever others have pushed. */
  forcePush(branch: string, changes: Changes, options: Omit<PushOptions, 'force'> = {}): Promise<string> {
    return this.push(branch, changes, { from: this.#clone.repository.defaultBranch, ...options, force: true });
  }

  /** A commit that undoes the branch's last one. */
  async revert(branch: string): Promise<string> {
    await this.#checkOut(branch, {});
    await this.git('revert', '--no-edit', 'HEAD');
    return this.#publish(branch, {});
  }

  async deleteBranch(branch: string): Promise<void> {
    await this.git('push', '--quiet', 'origin', `:refs/heads/${branch}`);
    await this.#clone.pushed();
  }

  async #checkOut(branch: string, { from, force }: PushOptions): Promise<void> {
    await this.git('fetch', '--quiet', '--prune', 'origin');
    const format = '--format=%(refname:lstrip=3)';
    const branches = new Set((await this.git('for-each-ref', format, 'refs/remotes/origin')).split('\n'));
    const anew = force === true && from !== undefined;
    const start = branches.has(branch) && !anew ? branch : (from ?? this.#clone.repository.defaultBranch);
    const isCommit = /^[0-9a-f]{40}$/.test(start);
    if (!isCommit && !branches.has(start)) await this.git('checkout', '--quiet', '--orphan', branch);
    else await this.git('checkout', '--quiet', '--force', '-B', branch, isCommit ? start : `origin/${start}`);
  }

  #write(path: string, text: string | null): void {
    const file = join(this.#clone.folder, path);
    if (text === null) {
      rmSync(file, { force: true });
      return;
    }
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }

  async #publish(branch: string, { force }: PushOptions): Promise<string> {
    const flags = force === true ? ['--force'] : [];
    await this.git('push', '--quiet', ...flags, 'origin', `HEAD:refs/heads/${branch}`);
    const sha = await this.git('rev-parse', 'HEAD');
    await this.#clone.pushed();
    return sha;
  }
}
