// Pull requests through git: GitHub keeps the head of each under refs/pull, forks included; it is fetched into our own mirror
// and merged there, without a work tree [git-merge-tree(1)].
//
// Runs: git ls-remote, fetch, merge-tree, for-each-ref, update-ref, and what git-repository.ts runs to read commits. Reads the
// configured repository; writes the mirror only.

import type { GitCommit } from '@seatrial/spec';
import { PortError } from '../errors.ts';
import type { Heads, Merge, MergePreview } from '../ports/merge-preview.ts';
import { type Git, GitFailure, orElse, withoutCredentials } from './git-command.ts';
import {
  broken,
  commitOf,
  describeCommit,
  type FleetBranch,
  fileOf,
  listFiles,
  readBlobs,
  remoteHeads,
  unreachable,
} from './git-repository.ts';

const BASE = 'refs/seatrial/pull/base';
const headRef = (number: number): string => `refs/seatrial/pull/${number}/head`;
const pullRef = (number: number): string => `refs/pull/${number}/head`;

export function gitMergePreview(git: Git, { branch, directory }: FleetBranch): MergePreview {
  return {
    look: numbers => look(git, branch, numbers),
    take: number => take(git, pullRef(number), headRef(number)),
    merge: (base, head) => mergeTrees(git, base, head),
    list: tree => listFiles(git, tree, directory),
    file: (tree, path) => fileOf(git, tree, path),
    describe: commit => describeCommit(git, commit),
    read: blobs => readBlobs(git, blobs),
    keepOnly: numbers => keepOnly(git, numbers),
  };
}

async function look(git: Git, branch: string, numbers: readonly number[]): Promise<Heads> {
  const source = `refs/heads/${branch}`;
  const found = await remoteHeads(git, [source, ...numbers.map(pullRef)]);
  const base = found.get(source);
  if (base === undefined) {
    throw new PortError('git-branch-missing', `${withoutCredentials(git.options.repository)} ${branch}`);
  }
  const isHere = (await git.ask(['cat-file', '-e', `${base}^{commit}`])) === 0;
  return {
    base: isHere ? base : await take(git, source, BASE),
    heads: new Map(
      numbers.flatMap(number => {
        const head = found.get(pullRef(number));
        return head === undefined ? [] : [[number, head] as const];
      }),
    ),
  };
}

async function take(git: Git, from: string, to: string): Promise<GitCommit> {
  const fetch = ['fetch', '--quiet', '--no-tags', '--no-write-fetch-head', '--', git.options.repository];
  await orElse(git.run([...fetch, `+${from}:${to}`]), unreachable(git));
  return commitOf((await orElse(git.run(['rev-parse', '--verify', `${to}^{commit}`]), broken(git))).toString());
}

/** Ends with 1 and the names of the files when there are conflicts. */
export async function mergeTrees(git: Git, base: GitCommit, head: GitCommit): Promise<Merge> {
  const command = ['merge-tree', '--write-tree', '--name-only', '--no-messages', '-z', base, head];
  try {
    const [tree = ''] = (await git.run(command)).toString().split('\0');
    return { kind: 'clean', tree };
  } catch (error) {
    if (!(error instanceof GitFailure)) throw error;
    if (error.exitCode !== 1) throw broken(git)(error);
    const [, ...paths] = error.stdout.toString().split('\0').filter(Boolean);
    return { kind: 'conflict', paths: [...new Set(paths)].sort() };
  }
}

async function keepOnly(git: Git, numbers: readonly number[]): Promise<void> {
  const kept = new Set([BASE, ...numbers.map(headRef)]);
  const listed = await orElse(git.run(['for-each-ref', '--format=%(refname)', 'refs/seatrial/pull/']), broken(git));
  const gone = listed
    .toString()
    .split('\n')
    .filter(ref => ref !== '' && !kept.has(ref));
  if (gone.length === 0) return;
  await orElse(
    git.run(['update-ref', '--stdin'], Buffer.from(gone.map(ref => `delete ${ref}\n`).join(''))),
    broken(git),
  );
}
