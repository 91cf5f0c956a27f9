// The fleet repository through git: the branch is fetched into our own mirror, and commits are read from there.
//
// Runs: git ls-remote, fetch, merge-base, cat-file, log, ls-tree. Reads the configured repository; writes the mirror only.

import { access } from 'node:fs/promises';
import { type GitCommit, InvariantError, isInFleet, type Millis, parseGitCommit } from '@seatrial/spec';
import { isOversized, OVERSIZED } from '../domain/oversized.ts';
import { PortError } from '../errors.ts';
import type { CommitInfo, FleetFile, FleetRepository } from '../ports/fleet-repository.ts';
import { type Git, type GitFailure, orElse, withoutCredentials } from './git-command.ts';

export interface FleetBranch {
  readonly branch: string;
  /** Where in the repository the fleet's YAML lies; empty for all of it. */
  readonly directory: string;
}

/** More files than this are not a fleet repository. */
const MOST_FILES = 200_000;
const FETCHED = 'refs/seatrial/source';

export function gitRepository(git: Git, { branch, directory }: FleetBranch): FleetRepository {
  let fetched: GitCommit | undefined;
  return {
    fetch: async () => {
      fetched = await fetchBranch(git, branch, fetched);
      return fetched;
    },
    relation: (from, to) => relationOf(git, from, to),
    ancestors: async (commit, limit) => {
      const log = ['rev-list', '--first-parent', `--max-count=${limit}`, '--skip=1', commit];
      return (await orElse(git.run(log), broken(git))).toString().split('\n').filter(Boolean).map(commitOf);
    },
    describe: commit => describeCommit(git, commit),
    list: commit => listFiles(git, commit, directory),
    read: blobs => readBlobs(git, blobs),
  };
}

/** A branch that has not moved costs one question. */
async function fetchBranch(git: Git, branch: string, fetched: GitCommit | undefined): Promise<GitCommit> {
  const head = await remoteHead(git, `refs/heads/${branch}`);
  const { repository } = git.options;
  if (head === undefined) throw new PortError('git-branch-missing', `${withoutCredentials(repository)} ${branch}`);
  if (head === fetched) return head;
  const refspec = `+refs/heads/${branch}:${FETCHED}`;
  await orElse(
    git.run(['fetch', '--quiet', '--no-tags', '--no-write-fetch-head', '--', repository, refspec]),
    unreachable(git),
  );
  // The branch may have moved between the two commands: what was fetched counts.
  return commitOf((await orElse(git.run(['rev-parse', '--verify', FETCHED]), broken(git))).toString());
}

/** The commit a ref of the configured repository points at; undefined when it has no such ref. */
export const remoteHead = async (git: Git, ref: string): Promise<GitCommit | undefined> =>
  (await remoteHeads(git, [ref])).get(ref);

/** The commits that refs of the configured repository point at; those that it does not have are left out. */
export async function remoteHeads(git: Git, refs: readonly string[]): Promise<ReadonlyMap<string, GitCommit>> {
  const { repository } = git.options;
  if (isPath(repository) && !(await exists(repository))) {
    throw new PortError('git-repository-missing', repository);
  }
  const listed = await orElse(git.run(['ls-remote', '--quiet', '--', repository, ...refs]), unreachable(git));
  const asked = new Set(refs);
  const lines = listed
    .toString()
    .split('\n')
    .map(line => line.split('\t'));
  return new Map(
    lines.flatMap(([commit = '', ref = '']) => (asked.has(ref) ? [[ref, commitOf(commit)] as const] : [])),
  );
}

/** How `to` came to be after `from`, as far as the mirror knows. */
export async function relationOf(
  git: Git,
  from: GitCommit,
  to: GitCommit,
): Promise<'same' | 'ahead' | 'rewritten' | 'unknown'> {
  if (from === to) return 'same';
  if ((await git.ask(['cat-file', '-e', `${from}^{commit}`])) !== 0) return 'unknown';
  return (await git.ask(['merge-base', '--is-ancestor', from, to])) === 0 ? 'ahead' : 'rewritten';
}

export async function describeCommit(git: Git, commit: GitCommit): Promise<CommitInfo> {
  const format = '--format=%an <%ae>%x00%ct%x00%s';
  const text = await orElse(git.run(['log', '--no-walk', '--no-show-signature', format, commit]), broken(git));
  const [author = '', seconds = '', subject = ''] = text.toString().trimEnd().split('\0');
  return { author, atMs: (Number(seconds) * 1000) as Millis, subject }; // seconds since 1970
}

/** Plain files only: a symbolic link or a submodule leads out of the commit. */
export async function listFiles(git: Git, commit: string, directory: string): Promise<readonly FleetFile[]> {
  const tree = directory === '' ? commit : `${commit}:${directory}`;
  const listing = await orElse(
    git.run(['ls-tree', '-r', '-l', '-z', '--full-tree', tree]),
    missingDirectory(git, directory),
  );
  const files = listing.toString().split('\0').flatMap(readEntry);
  if (files.length > MOST_FILES) throw new PortError('commit-too-large', commit, { detail: `${files.length} files` });
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** `100644 blob <id> <size>\t<path>` [git-ls-tree(1)]. */
function readEntry(text: string): readonly FleetFile[] {
  const [, kind, blob, size, path] = /^(\d{6}) \w+ ([0-9a-f]+) +(\d+|-)\t(.+)$/s.exec(text) ?? [];
  const isPlain = kind === '100644' || kind === '100755';
  if (!isPlain || blob === undefined || path === undefined || !isFleetFile(path)) return [];
  return [{ path, blob, sizeBytes: Number(size) }];
}

/** The same files that a reader of a directory takes: not those of `.github`, say. */
const isFleetFile = (path: string): boolean => /\.(?:ya?ml|dsse\.json)$/.test(path) && isInFleet(path);

/** `<id> blob <size>\n<bytes>\n` for each [git-cat-file(1), --batch]. */
export async function readBlobs(git: Git, blobs: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>> {
  if (blobs.length === 0) return new Map();
  const input = Buffer.from(`${blobs.join('\n')}\n`);
  const output = await orElse(git.run(['cat-file', '--batch'], input), broken(git));
  const found = new Map<string, Uint8Array>();
  for (let at = 0; at < output.length; ) {
    const lineEnd = output.indexOf(10, at);
    const [blob = '', type, size] = output.toString('latin1', at, lineEnd).split(' ');
    if (type !== 'blob') throw new PortError('git-failed', git.options.mirror, { detail: `object ${blob} is missing` });
    const start = lineEnd + 1;
    found.set(blob, output.subarray(start, start + Number(size)));
    at = start + Number(size) + 1;
  }
  return found;
}

/** A file by its path from the root of the repository; undefined where there is none. */
export async function fileOf(git: Git, tree: string, path: string): Promise<Uint8Array | undefined> {
  const object = `${tree}:${path}`;
  if ((await git.ask(['cat-file', '-e', object])) !== 0) return undefined;
  const size = Number((await orElse(git.run(['cat-file', '-s', object]), broken(git))).toString());
  return isOversized(size) ? OVERSIZED : orElse(git.run(['cat-file', 'blob', object]), broken(git));
}

/* ---- Errors ---- */

export const unreachable = (git: Git) => (failure: GitFailure) =>
  new PortError('git-unreachable', withoutCredentials(git.options.repository), {
    detail: failure.message,
    cause: failure,
  });

export const broken = (git: Git) => (failure: GitFailure) =>
  new PortError('git-failed', git.options.mirror, { detail: failure.message, cause: failure });

/** A directory that the commit does not have holds no files: the commit says nothing about any fleet. */
const missingDirectory = (git: Git, directory: string) => (failure: GitFailure) =>
  new PortError('commit-invalid', directory || git.options.mirror, { detail: failure.message, cause: failure });

export function commitOf(text: string): GitCommit {
  const commit = parseGitCommit(text.trim());
  if (commit === undefined) throw new InvariantError(`git named a commit ${JSON.stringify(text)}`);
  return commit;
}

/** Whether git would take the text for a path: it has neither a scheme nor the `host:path` form. */
const isPath = (repository: string): boolean =>
  !/^[a-z][a-z0-9+.-]*:\/\//i.test(repository) && !/^[^/]+:/.test(repository);

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
