// One bare repository on disk: its refs, and a hook that writes down who pushed what.

import { appendFileSync, chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GitFailure, type GitResult, type GitRun, git, runGit } from './run-git.ts';

export const NO_COMMIT = '0'.repeat(40);
export const isSha = (text: string): boolean => /^[0-9a-f]{40}$/.test(text);

export interface Ref {
  /** With `refs/`. */
  readonly name: string;
  readonly sha: string;
  readonly type: string;
}

/** One ref that a push moved; `before` or `after` is NO_COMMIT where it was made or deleted. */
export interface Push {
  readonly before: string;
  readonly after: string;
  readonly ref: string;
  /** Login of who pushed; empty where git did not know. */
  readonly by: string;
}

/** Receives over HTTP, keeps refs/pull to itself, and serves what GitHub serves: partial clones, and any commit by its id. */
const SETTINGS = `[http]
	receivepack = true
[receive]
	denyDeleteCurrent = ignore
	hideRefs = refs/pull
[uploadpack]
	allowAnySHA1InWant = true
	allowFilter = true
[gc]
	auto = 0
`;

const HOOK = `#!/bin/sh
while read before after ref; do
  printf '%s %s %s %s\\n' "$before" "$after" "$ref" "\${REMOTE_USER:-$GIT_PUSHER}" >> "$GIT_DIR/pushes"
done
`;

export class BareRepository {
  readonly path: string;
  readonly #known = new Map<string, Promise<GitResult>>();
  #pushesRead = 0;

  private constructor(path: string) {
    this.path = path;
  }

  /** Makes the folder. */
  static async create(path: string, defaultBranch: string): Promise<BareRepository> {
    mkdirSync(path, { recursive: true });
    const repository = new BareRepository(path);
    await repository.git(['init', '--quiet', '--bare', `--initial-branch=${defaultBranch}`, '.']);
    appendFileSync(join(path, 'config'), SETTINGS);
    const hook = join(path, 'hooks', 'post-receive');
    mkdirSync(join(path, 'hooks'), { recursive: true });
    writeFileSync(hook, HOOK);
    chmodSync(hook, 0o755);
    return repository;
  }

  async git(args: readonly string[], run: GitRun = {}): Promise<string> {
    return (await this.gitBytes(args, run)).toString('utf8');
  }

  gitBytes(args: readonly string[], run: GitRun = {}): Promise<Buffer> {
    return git(this.path, args, run);
  }

  /** What git says of whole object ids: it will never say anything else, so it is asked once. */
  async gitOfObjects(args: readonly string[]): Promise<string> {
    const result = await this.askOfObjects(args);
    if (result.code !== 0) throw new GitFailure(args, result);
    return result.stdout.toString('utf8');
  }

  /** The same, whatever the exit code. That something is missing is not remembered: it may come. */
  async askOfObjects(args: readonly string[]): Promise<GitResult> {
    const key = args.join('\0');
    const answer = this.#known.get(key) ?? runGit(this.path, args);
    this.#known.set(key, answer);
    const result = await answer;
    if (result.code !== 0) this.#known.delete(key);
    return result;
  }

  /** The exit code alone, for questions that git answers so. */
  async asks(args: readonly string[]): Promise<boolean> {
    return (await runGit(this.path, args)).code === 0;
  }

  /** Undefined where there is no such object. A name that begins with a dash is none. */
  async resolve(name: string): Promise<string | undefined> {
    const args = ['rev-parse', '--verify', '--quiet', '--end-of-options', name];
    const { code, stdout } = await (isSha(name.slice(0, 40)) ? this.askOfObjects(args) : runGit(this.path, args));
    return code === 0 ? stdout.toString('utf8').trim() : undefined;
  }

  commitOf(name: string): Promise<string | undefined> {
    return this.resolve(`${name}^{commit}`);
  }

  branch(name: string): Promise<string | undefined> {
    return this.commitOf(`refs/heads/${name}`);
  }

  /** Those whose full name begins with `prefix`, sorted. */
  async refs(prefix: string): Promise<readonly Ref[]> {
    const text = await this.git(['for-each-ref', '--format=%(refname) %(objectname) %(objecttype)']);
    return text.split('\n').flatMap(line => {
      const [name, sha, type] = line.split(' ');
      return name?.startsWith(prefix) && sha !== undefined && type !== undefined ? [{ name, sha, type }] : [];
    });
  }

  /** False where the ref is no longer at `before`. */
  async moveRef(ref: string, after: string, before: string): Promise<boolean> {
    return (await runGit(this.path, ['update-ref', '--no-deref', ref, after, before])).code === 0;
  }

  setRef(ref: string, after: string): Promise<string> {
    return this.git(['update-ref', ref, after]);
  }

  deleteRef(ref: string): Promise<string> {
    return this.git(['update-ref', '-d', ref]);
  }

  /** The pushes that arrived since this was asked last, oldest first. */
  newPushes(): readonly Push[] {
    const file = join(this.path, 'pushes');
    if (!existsSync(file)) return [];
    const text = readFileSync(file, 'utf8').slice(this.#pushesRead);
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    this.#pushesRead += whole.length;
    return whole
      .split('\n')
      .filter(line => line !== '')
      .map(line => {
        const [before = '', after = '', ref = '', by = ''] = line.split(' ');
        return { before, after, ref, by };
      });
  }
}
