// What lies between two commits: their common ancestor, the commits, the files. And what merging them would give.

import type { BareRepository } from './bare-repository.ts';
import { runGit } from './run-git.ts';

export interface ChangedFile {
  readonly path: string;
  readonly previousPath?: string;
  readonly status: 'added' | 'removed' | 'modified' | 'renamed' | 'changed';
  /** The blob afterwards, or the one that was removed. */
  readonly sha: string;
  readonly additions: number;
  readonly deletions: number;
  /** Without the headers; absent for binary files. */
  readonly patch?: string;
}

export async function mergeBase(repository: BareRepository, a: string, b: string): Promise<string | undefined> {
  const { code, stdout } = await runGit(repository.path, ['merge-base', a, b]);
  return code === 0 ? stdout.toString('utf8').trim() : undefined;
}

export const isAncestor = (repository: BareRepository, ancestor: string, of: string): Promise<boolean> =>
  repository.asks(['merge-base', '--is-ancestor', ancestor, of]);

/** The commits of `head` that `base` does not have, oldest first. */
export async function commitsBetween(
  repository: BareRepository,
  base: string,
  head: string,
): Promise<readonly string[]> {
  const text = await repository.git(['rev-list', '--reverse', '--topo-order', `${base}..${head}`]);
  return text.split('\n').filter(line => line !== '');
}

const STATUS = { A: 'added', D: 'removed', M: 'modified', R: 'renamed', T: 'changed' } as const;

/** The files that differ, by path; renames are found as GitHub finds them. */
export async function changedFiles(
  repository: BareRepository,
  from: string,
  to: string,
): Promise<readonly ChangedFile[]> {
  const raw = await repository.git(['diff-tree', '-r', '-M', '-z', '--raw', '--no-abbrev', from, to]);
  const numbers = await numstat(repository, from, to);
  const patches = await patchesOf(repository, from, to);
  return parseRaw(raw).map(file => ({ ...file, ...numbers.get(file.path), ...patches.get(file.path) }));
}

function parseRaw(text: string): readonly ChangedFile[] {
  const fields = text.split('\0');
  const files: ChangedFile[] = [];
  for (let at = 0; at + 1 < fields.length; ) {
    const [, , before = '', after = '', code = ''] = (fields[at] ?? '').split(' ');
    const status = STATUS[letter(code)];
    const [first = '', second = ''] = [fields[at + 1], fields[at + 2]];
    const renamed = status === 'renamed';
    files.push({
      path: renamed ? second : first,
      ...(renamed && { previousPath: first }),
      status,
      sha: status === 'removed' ? before : after,
      additions: 0,
      deletions: 0,
    });
    at += renamed ? 3 : 2;
  }
  return files;
}

function letter(code: string): keyof typeof STATUS {
  const [first] = code;
  return first === 'A' || first === 'D' || first === 'R' || first === 'T' ? first : 'M';
}

type Counts = Pick<ChangedFile, 'additions' | 'deletions'>;

async function numstat(repository: BareRepository, from: string, to: string): Promise<Map<string, Counts>> {
  const text = await repository.git(['diff-tree', '-r', '-M', '-z', '--numstat', from, to]);
  const counts = new Map<string, Counts>();
  const fields = text.split('\0');
  for (let at = 0; at + 1 < fields.length + 1; at += 1) {
    const [additions, deletions, path] = (fields[at] ?? '').split('\t');
    if (additions === undefined || deletions === undefined || path === undefined) continue;
    // A rename has an empty path here and both names in the next two fields.
    const name = path === '' ? (fields[at + 2] ?? '') : path;
    if (path === '') at += 2;
    counts.set(name, { additions: Number(additions) || 0, deletions: Number(deletions) || 0 });
  }
  return counts;
}

/** Each file's hunks, by the path afterwards (before, where it was removed). */
async function patchesOf(
  repository: BareRepository,
  from: string,
  to: string,
): Promise<Map<string, { patch: string }>> {
  const text = await repository.git(['-c', 'core.quotePath=false', 'diff-tree', '-r', '-M', '-p', from, to]);
  const patches = new Map<string, { patch: string }>();
  for (const part of text.split(/^diff --git /m).slice(1)) {
    const path = /^\+\+\+ b\/(.*?)\t?$/m.exec(part)?.[1] ?? /^--- a\/(.*?)\t?$/m.exec(part)?.[1];
    const start = part.search(/^@@ /m);
    if (path !== undefined && start >= 0) patches.set(path, { patch: part.slice(start).trimEnd() });
  }
  return patches;
}

/** The tree of the merge; undefined where it conflicts. */
export async function mergedTree(repository: BareRepository, base: string, head: string): Promise<string | undefined> {
  const { code, stdout } = await runGit(repository.path, ['merge-tree', '--write-tree', '--name-only', base, head]);
  return code === 0 ? stdout.toString('utf8').split('\n')[0] : undefined;
}
