// Both sides of a pull request: the branch as it is, and what it would hold after the merge.
//
// INVARIANTS: what a pull request brings is read into memory only within its allowance, and forgotten when its review is done;
// a stranger's is small, since whoever can open a pull request can make the controller read it.

import { type GitCommit, LIMITS, type Millis, type ParseCache, type ParsedFile, type Sha256 } from '@seatrial/spec';
import { PortError } from '../errors.ts';
import type { FleetFile } from '../ports/fleet-repository.ts';
import type { MergePreview } from '../ports/merge-preview.ts';
import { readSide, type Side } from '../review/index.ts';

/** New YAML of one pull request, in bytes: from the repository itself, and from a fork. */
const ALLOWANCE = { own: 64 * 1024 * 1024, fork: 4 * 1024 * 1024 } as const;

type Bytes = ReadonlyMap<string, Uint8Array>;

export class PullSides {
  readonly #git: MergePreview;
  #base: { readonly commit: GitCommit; readonly side: Side; readonly blobs: Bytes } | undefined;
  #parsed = new Map<Sha256, ParsedFile>();

  constructor(git: MergePreview) {
    this.#git = git;
  }

  /** Kept until another commit, or a later moment, is asked for: all pull requests have the same base. */
  async base(commit: GitCommit, nowMs: Millis): Promise<Side> {
    if (this.#base?.commit !== commit) {
      const listed = await this.#list(commit);
      const blobs = await this.#read(listed, this.#base?.blobs ?? new Map());
      const { atMs } = await this.#git.describe(commit);
      const used = new Map<Sha256, ParsedFile>();
      const side = readSide(
        { files: filesOf(listed, blobs), commit, atMs },
        { nowMs, cache: { get: hash => known(used, this.#parsed, hash), set: (hash, file) => used.set(hash, file) } },
      );
      this.#parsed = used;
      this.#base = { commit, side, blobs };
    }
    return this.#base.side;
  }

  /** After `base` was read. Throws PortError `commit-too-large` as well. */
  async merged(
    tree: string,
    { head, isFork, nowMs }: { readonly head: GitCommit; readonly isFork: boolean; readonly nowMs: Millis },
  ): Promise<Side> {
    const listed = await this.#list(tree);
    const present = this.#base?.blobs ?? new Map<string, Uint8Array>();
    assertAllowed(
      listed.filter(({ blob }) => !present.has(blob)),
      head,
      isFork,
    );
    const { atMs } = await this.#git.describe(head);
    const files = filesOf(listed, await this.#read(listed, present));
    return readSide({ files, commit: head, atMs }, { nowMs, cache: over(this.#parsed) });
  }

  /** A directory that is not there holds no files. */
  async #list(tree: string): Promise<readonly FleetFile[]> {
    try {
      return await this.#git.list(tree);
    } catch (error) {
      if (error instanceof PortError && error.code === 'commit-invalid') return [];
      throw error;
    }
  }

  async #read(listed: readonly FleetFile[], present: Bytes): Promise<Bytes> {
    const wanted = new Set(listed.filter(isReadable).map(({ blob }) => blob));
    const fresh = await this.#git.read([...wanted].filter(blob => !present.has(blob)));
    return new Map(
      [...wanted].flatMap(blob => {
        const bytes = fresh.get(blob) ?? present.get(blob);
        return bytes === undefined ? [] : [[blob, bytes] as const];
      }),
    );
  }
}

const isReadable = ({ sizeBytes }: FleetFile): boolean => sizeBytes <= LIMITS.fileBytes;

function assertAllowed(added: readonly FleetFile[], head: GitCommit, isFork: boolean): void {
  const bytes = added.filter(isReadable).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const allowed = isFork ? ALLOWANCE.fork : ALLOWANCE.own;
  if (bytes <= allowed) return;
  throw new PortError('commit-too-large', head, { detail: `${bytes} bytes of new YAML, of ${allowed} that are read` });
}

/** Stands for a file that is too large to be read: the validator names it as such by its length alone. */
const OVERSIZED = new Uint8Array(LIMITS.fileBytes + 1);

const filesOf = (listed: readonly FleetFile[], blobs: Bytes): Bytes =>
  new Map(listed.map(({ path, blob }) => [path, blobs.get(blob) ?? OVERSIZED]));

/** What the last commit no longer uses is forgotten. */
function known(used: Map<Sha256, ParsedFile>, before: ReadonlyMap<Sha256, ParsedFile>, hash: Sha256) {
  const file = used.get(hash) ?? before.get(hash);
  if (file !== undefined) used.set(hash, file);
  return file;
}

/** Reads what is below, and keeps what is new to itself. */
function over(below: ReadonlyMap<Sha256, ParsedFile>): ParseCache {
  const own = new Map<Sha256, ParsedFile>();
  return { get: hash => below.get(hash) ?? own.get(hash), set: (hash, file) => own.set(hash, file) };
}
