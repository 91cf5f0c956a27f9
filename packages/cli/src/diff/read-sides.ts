// The two sides of a change: revisions of the surrounding repository, or directories.

import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { openWorkingRepository, type WorkingRepository } from '@seatrial/controller/checkout';
import type { SnapshotAge } from '@seatrial/controller/review';
import { type GitCommit, type Millis, POLICY_FILE, readDirectory } from '@seatrial/spec';
import type { Cli } from '../cli.ts';
import { CliError } from '../errors.ts';
import { resolveDirectory } from '../validate/resolve-directory.ts';

type Files = ReadonlyMap<string, Uint8Array>;

/** One side before it is judged. */
export interface RawSide {
  readonly files: Files;
  readonly commit?: GitCommit;
  readonly atMs?: Millis;
  /** The policy at the root of the repository, where the fleet lies deeper. */
  readonly rootPolicy?: Uint8Array | undefined;
}

export interface RawSides {
  readonly base: RawSide;
  readonly head: RawSide;
  /** Where verdicts on files are kept under. */
  readonly cacheKey: string;
  readonly origin?: string | undefined;
  /** How a commit stands to the base; undefined where that can not be found out. */
  ageOf(taken: GitCommit): Promise<SnapshotAge | undefined>;
}

export interface Revisions {
  readonly base: string;
  readonly head: string;
}

/** Fails with `repository-unknown`, `revision-unknown`, `merge-conflict`, `directory-unreadable`. Throws PortError. */
export async function readSides(cli: Cli, { base, head }: Revisions, directory: string): Promise<RawSides> {
  const repository = await openWorkingRepository(cli.cwd);
  const meant = { base: await meaningOf(cli, repository, base), head: await meaningOf(cli, repository, head) };
  const sides = await readMeant(repository, meant, directory);
  return {
    ...sides,
    cacheKey: repository === undefined ? resolve(cli.cwd, base) : `${repository.gitDirectory}/${directory}`,
    origin: repository?.origin,
    ageOf: taken => ageOf(repository, taken, sides.base.commit),
  };
}

/* ---- What an argument means ---- */

type Meaning =
  | { readonly kind: 'commit'; readonly commit: GitCommit; readonly repository: WorkingRepository }
  | { readonly kind: 'directory'; readonly path: string };

async function meaningOf(cli: Cli, repository: WorkingRepository | undefined, text: string): Promise<Meaning> {
  const looksLikePath = /^(?:\.{0,2}\/|\.{1,2}$)/.test(text);
  const commit = looksLikePath ? undefined : await repository?.resolve(text);
  if (repository !== undefined && commit !== undefined) return { kind: 'commit', commit, repository };
  if (looksLikePath || isDirectory(resolve(cli.cwd, text))) {
    return { kind: 'directory', path: resolveDirectory(cli, text) };
  }
  if (repository === undefined) throw new CliError('repository-unknown', `${cli.cwd} is in no git repository`);
  const shallow = repository.isShallow ? '; this clone is shallow, so that it may be missing only here' : '';
  throw new CliError('revision-unknown', `git knows no commit ${text}${shallow}`);
}

const isDirectory = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

/* ---- Reading ---- */

interface Meant {
  readonly base: Meaning;
  readonly head: Meaning;
}

async function readMeant(
  repository: WorkingRepository | undefined,
  { base, head }: Meant,
  directory: string,
): Promise<Pick<RawSides, 'base' | 'head'>> {
  if (repository === undefined || base.kind === 'directory' || head.kind === 'directory') {
    return { base: await readOne(base, directory), head: await readOne(head, directory) };
  }
  const tree = await treeOf(repository, base.commit, head.commit);
  const [before = new Map(), after = new Map()] = await repository.files([base.commit, tree], directory);
  return {
    base: await ofCommit(repository, base.commit, { files: before, tree: base.commit, directory }),
    head: await ofCommit(repository, head.commit, { files: after, tree, directory }),
  };
}

async function readOne(meaning: Meaning, directory: string): Promise<RawSide> {
  if (meaning.kind === 'directory') return { files: readDirectory(meaning.path).files };
  const { repository, commit } = meaning;
  const [files = new Map()] = await repository.files([commit], directory);
  return ofCommit(repository, commit, { files, tree: commit, directory });
}

async function ofCommit(
  repository: WorkingRepository,
  commit: GitCommit,
  { files, tree, directory }: { readonly files: Files; readonly tree: string; readonly directory: string },
): Promise<RawSide> {
  const rootPolicy = directory === '' ? undefined : await repository.file(tree, POLICY_FILE);
  return {
    files,
    commit,
    atMs: await repository.madeAtMs(commit),
    ...(rootPolicy === undefined ? {} : { rootPolicy }),
  };
}

/** What the base would hold after the merge. Going back is no merge: there the older tree itself is meant. */
async function treeOf(repository: WorkingRepository, base: GitCommit, head: GitCommit): Promise<string> {
  const isDirect = async (from: GitCommit, to: GitCommit) =>
    ['same', 'ahead'].includes(await repository.relation(from, to));
  if ((await isDirect(base, head)) || (await isDirect(head, base))) return head;
  if (repository.isShallow) {
    throw new CliError('revision-unknown', 'this clone is shallow: how the two came apart is not known here');
  }
  const merge = await repository.merge(base, head);
  if (merge.kind === 'clean') return merge.tree;
  throw new CliError('merge-conflict', `both changed ${merge.paths.slice(0, 5).join(', ')}`);
}

/* ---- The snapshot's commit ---- */

const AGES = { same: 'same', ahead: 'before', rewritten: undefined, unknown: 'elsewhere' } as const;

/** A shallow clone does not know its own past. */
async function ageOf(
  repository: WorkingRepository | undefined,
  taken: GitCommit,
  base: GitCommit | undefined,
): Promise<SnapshotAge | undefined> {
  if (repository === undefined || base === undefined) return undefined;
  const age = AGES[await repository.relation(taken, base)];
  if (age === 'elsewhere' && repository.isShallow) return undefined;
  return age ?? ((await repository.relation(base, taken)) === 'ahead' ? 'after' : 'before');
}
