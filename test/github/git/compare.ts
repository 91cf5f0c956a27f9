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
  const { code, stdout } = await repository.askOfObjects(['merge-base', a, b]);
  return code === 0 ? stdout.toString('utf8').trim() : undefined;
}

export const isAncestor = async (repository: BareRepository, ancestor: string, of: string): Promise<boolean> =>
  (await mergeBase(repository, ancestor, of)) === ancestor;

/** The commits of `head` that `base` does not have, oldest first. */
export async function commitsBetween(
  repository: BareRepository,
  base: string,
  head: string,
): Promise<readonly string[]> {
  const text = await repository.gitOfObjects(['rev-list', '--reverse', '--topo-order', `${base}..${head}`]);
  return text.split('\n').filter(line => line !== '');
}

const FORMAT = ['-r', '-M', '-z', '--no-abbrev', '--raw', '--numstat', '-p'];

/** The files that differ, by path; renames are found as GitHub finds them. */
export async function changedFiles(
  repository: BareRepository,
  from: string,
  to: string,
): Promise<readonly ChangedFile[]> {
  const text = await repository.gitOfObjects(['diff-tree', ...FORMAT, from, to]);
  // With -z an empty field stands before the patches.
  const start = text.indexOf('\0\0');
  const fields = text.slice(0, start < 0 ? undefined : start).split('\0');
  const counts = readCounts(fields);
  const files = readNames(fields);
  const patches = readPatches(start < 0 ? '' : text.slice(start + 2));
  return files.map((file, at) => {
    // In the same order; where a file became a link, git shows two patches for one file, and we none.
    const patch = patches.length === files.length ? patches[at] : undefined;
    return { ...file, ...counts.get(file.path), ...(patch !== undefined && { patch }) };
  });
}

/** Of `:100644 100644 <before> <after> R90`, path, and for a rename the new path. */
function readNames(fields: readonly string[]): readonly ChangedFile[] {
  const files: ChangedFile[] = [];
  fields.forEach((field, at) => {
    if (!field.startsWith(':')) return;
    const [, , before = '', after = '', code = ''] = field.split(' ');
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
  });
  return files;
}

const STATUS = { A: 'added', D: 'removed', M: 'modified', R: 'renamed', T: 'changed' } as const;

function letter(code: string): keyof typeof STATUS {
  const [first] = code;
  return first === 'A' || first === 'D' || first === 'R' || first === 'T' ? first : 'M';
}

type Counts = Pick<ChangedFile, 'additions' | 'deletions'>;

/** Of `3<tab>1<tab>path`; a rename has an empty path, and both in the fields that follow. Binary files count nothing. */
function readCounts(fields: readonly string[]): ReadonlyMap<string, Counts> {
  const counts = new Map<string, Counts>();
  fields.forEach((field, at) => {
    const [, additions, deletions, path] = /^(\d+|-)\t(\d+|-)\t(.*)$/s.exec(field) ?? [];
    if (path === undefined) return;
    const name = path === '' ? (fields[at + 2] ?? '') : path;
    counts.set(name, { additions: Number(additions) || 0, deletions: Number(deletions) || 0 });
  });
  return counts;
}

/** Each file's hunks, without the headers; undefined for a file that has none. */
const readPatches = (text: string): readonly (string | undefined)[] =>
  text
    .split(/^diff --git /m)
    .slice(1)
    .map(part => {
      const start = part.search(/^@@ /m);
      return start < 0 ? undefined : part.slice(start).trimEnd();
    });

/** The tree of the merge; undefined where it conflicts. */
export async function mergedTree(repository: BareRepository, base: string, head: string): Promise<string | undefined> {
  const { code, stdout } = await runGit(repository.path, ['merge-tree', '--write-tree', '--name-only', base, head]);
  return code === 0 ? stdout.toString('utf8').split('\n')[0] : undefined;
}
