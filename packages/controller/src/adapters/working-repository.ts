// The repository that somebody works in, read where it lies: revisions, trees and files, whatever is checked out.
//
// Runs: git rev-parse, cat-file, merge-base, merge-tree, ls-tree, log, config. Reads the repository around a directory; writes
// nothing but the objects of a merge that nobody has made yet [git-merge-tree(1)].

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { GitCommit, Millis } from '@seatrial/spec';
import { isOversized, OVERSIZED } from '../domain/oversized.ts';
import type { Merge } from '../ports/merge-preview.ts';
import { type Git, gitIn, withoutCredentials } from './git-command.ts';
import { mergeTrees } from './git-merge-preview.ts';
import { commitOf, describeCommit, fileOf, listFiles, readBlobs, relationOf } from './git-repository.ts';

/** Every method throws PortError `git-failed` or `git-timeout`. */
export interface WorkingRepository {
  readonly gitDirectory: string;
  /** Old commits may be missing: what is not found may exist all the same. */
  readonly isShallow: boolean;
  /** Where it was cloned from, without credentials. */
  readonly origin: string | undefined;
  /** Undefined where no commit is meant by it. */
  resolve(revision: string): Promise<GitCommit | undefined>;
  relation(from: GitCommit, to: GitCommit): ReturnType<typeof relationOf>;
  madeAtMs(commit: GitCommit): Promise<Millis>;
  /** What `base` would hold after `head` is merged into it. */
  merge(base: GitCommit, head: GitCommit): Promise<Merge>;
  /**
   * The files below `directory` of commits or trees that belong to a fleet, by paths relative to it; each content is read once.
   * One that is too large is as long as it must be to be refused. Throws `commit-invalid` for a directory that is not there.
   */
  files(trees: readonly string[], directory: string): Promise<readonly ReadonlyMap<string, Uint8Array>[]>;
  /** Undefined where the tree has no such file. */
  file(tree: string, path: string): Promise<Uint8Array | undefined>;
}

const execute = promisify(execFile);
const TIMEOUT_MS = 60_000;

/** Undefined where the directory is in no repository, or in one that git does not trust. */
export async function openWorkingRepository(directory: string): Promise<WorkingRepository | undefined> {
  const question = ['rev-parse', '--absolute-git-dir', '--is-shallow-repository'];
  const answer = await execute('git', question, { cwd: directory }).catch(() => undefined);
  if (answer === undefined) return undefined;
  const [gitDirectory = '', shallow] = answer.stdout.trimEnd().split('\n');
  const git = gitIn({ repository: gitDirectory, mirror: gitDirectory, timeoutMs: TIMEOUT_MS });
  const origin = await originOf(git);
  return {
    gitDirectory,
    isShallow: shallow === 'true',
    origin,
    resolve: revision => resolveRevision(git, revision),
    relation: (from, to) => relationOf(git, from, to),
    madeAtMs: async commit => (await describeCommit(git, commit)).atMs,
    merge: (base, head) => mergeTrees(git, base, head),
    files: (trees, below) => filesOf(git, trees, below),
    file: (tree, path) => fileOf(git, tree, path),
  };
}

async function originOf(git: Git): Promise<string | undefined> {
  if ((await git.ask(['config', '--get', 'remote.origin.url'])) !== 0) return undefined;
  return withoutCredentials((await git.run(['config', '--get', 'remote.origin.url'])).toString().trim());
}

async function resolveRevision(git: Git, revision: string): Promise<GitCommit | undefined> {
  const question = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`];
  return (await git.ask(question)) === 0 ? commitOf((await git.run(question)).toString()) : undefined;
}

async function filesOf(
  git: Git,
  trees: readonly string[],
  directory: string,
): Promise<readonly ReadonlyMap<string, Uint8Array>[]> {
  const listings = await Promise.all(trees.map(tree => listFiles(git, tree, directory)));
  const small = listings.flat().filter(({ sizeBytes }) => !isOversized(sizeBytes));
  const blobs = await readBlobs(git, [...new Set(small.map(({ blob }) => blob))]);
  return listings.map(listing => new Map(listing.map(({ path, blob }) => [path, blobs.get(blob) ?? OVERSIZED])));
}
