// Trees and blobs, read and written by git itself.

import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { BareRepository } from './bare-repository.ts';
import { GitFailure, git } from './run-git.ts';

export interface TreeEntry {
  readonly mode: string;
  readonly type: string;
  readonly sha: string;
  readonly path: string;
  /** Of blobs. */
  readonly sizeBytes?: number;
}

/** `sha` undefined takes the path away. */
export interface TreeChange {
  readonly path: string;
  readonly mode: string;
  readonly sha: string | undefined;
}

/** The entries of a tree or of a commit's tree; with `recursive` those below as well, folders included as GitHub lists them. */
export async function listTree(
  repository: BareRepository,
  tree: string,
  { recursive = false }: { readonly recursive?: boolean } = {},
): Promise<readonly TreeEntry[]> {
  const text = await repository.git(['ls-tree', '-z', '--long', ...(recursive ? ['-r', '-t'] : []), tree]);
  return text
    .split('\0')
    .filter(line => line !== '')
    .map(line => {
      const [about = '', path = ''] = line.split('\t', 2);
      const [mode = '', type = '', sha = '', size = '-'] = about.split(/ +/);
      return { mode, type, sha, path, ...(size !== '-' && { sizeBytes: Number(size) }) };
    });
}

/** Undefined where the commit has no such path. */
export async function entryAt(
  repository: BareRepository,
  commit: string,
  path: string,
): Promise<TreeEntry | undefined> {
  if (path === '') return { mode: '040000', type: 'tree', sha: `${commit}^{tree}`, path };
  const text = await repository.git(['ls-tree', '-z', '--long', commit, '--', `:(literal)${path}`]);
  const [about, name] = text.replace(/\0$/, '').split('\t', 2);
  if (about === undefined || name === undefined) return undefined;
  const [mode = '', type = '', sha = '', size = '-'] = about.split(/ +/);
  return { mode, type, sha, path: name, ...(size !== '-' && { sizeBytes: Number(size) }) };
}

export const writeBlob = async (repository: BareRepository, content: string | Uint8Array): Promise<string> =>
  (await repository.git(['hash-object', '-w', '--stdin'], { input: content })).trim();

export const readBlob = (repository: BareRepository, sha: string): Promise<Buffer> =>
  repository.gitBytes(['cat-file', 'blob', sha]);

let indexes = 0;

/** The tree that `base` becomes with the changes, by an index of its own; undefined where git refuses it. */
export async function changeTree(
  repository: BareRepository,
  base: string | undefined,
  changes: readonly TreeChange[],
): Promise<string | undefined> {
  indexes += 1;
  const file = join(repository.path, `index-${process.pid}-${indexes}`);
  const run: Run = (args, input) =>
    git(repository.path, args, { env: { GIT_INDEX_FILE: file }, ...(input !== undefined && { input }) });
  try {
    if (base !== undefined) await run(['read-tree', base]);
    const known = base === undefined ? [] : (await run(['ls-files', '-z'])).toString('utf8').split('\0');
    const lines = await Promise.all(changes.map(change => indexLines(repository, change, known)));
    if (lines.includes(undefined)) return undefined;
    await run(['update-index', '-z', '--replace', '--index-info'], lines.join(''));
    return (await run(['write-tree'])).toString('utf8').trim();
  } catch (error) {
    if (error instanceof GitFailure) return undefined;
    throw error;
  } finally {
    await rm(file, { force: true });
  }
}

type Run = (args: readonly string[], input?: string) => Promise<Buffer>;

const FOLDER = '040000';

/** Takes what stands at the path out of the index, and puts a file or a folder there; undefined where nothing stands that could go. */
async function indexLines(
  repository: BareRepository,
  { path, mode, sha }: TreeChange,
  known: readonly string[],
): Promise<string | undefined> {
  const gone = known.filter(name => name === path || name.startsWith(`${path}/`));
  if (sha === undefined && gone.length === 0) return undefined;
  const removals = gone.map(name => `0 ${'0'.repeat(40)}\t${name}\0`).join('');
  if (sha === undefined) return removals;
  if (mode !== FOLDER) return `${removals}${mode} ${sha}\t${path}\0`;
  const below = await repository.gitOfObjects(['ls-tree', '-r', '-z', sha]);
  return removals + below.replace(/(\d+) \w+ (\w+)\t([^\0]+)\0/g, `$1 $2\t${path.replaceAll('$', '$$$$')}/$3\0`);
}
