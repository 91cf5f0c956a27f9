// Both sides of a pull request: the branch as it is, and what it would hold after the merge.
//
// INVARIANTS: what a pull request brings is read into memory only within its allowance, and forgotten when its review is done;
// a stranger's is small, since whoever can open a pull request can make the controller read it.

import {
  type GitCommit,
  type Millis,
  type ParseCache,
  type ParsedFile,
  POLICY_FILE,
  type Sha256,
} from '@seatrial/spec';
import { isOversized, OVERSIZED } from '../../domain/oversized.ts';
import { PortError } from '../../errors.ts';
import type { FleetFile } from '../../ports/fleet-repository.ts';
import type { MergePreview } from '../../ports/merge-preview.ts';
import { readSide, type Side } from '../../review/index.ts';

/** New YAML of one pull request, in bytes: from the repository itself, and from a fork. */
const ALLOWANCE = { own: 64 * 1024 * 1024, fork: 4 * 1024 * 1024 } as const;

type Bytes = ReadonlyMap<string, Uint8Array>;

export interface PullSide {
  readonly side: Side;
  /** The policy file beside the fleet, or at the root of the repository. */
  readonly policy: Uint8Array | undefined;
}

export interface Proposed {
  /** What the merge would hold. */
  readonly tree: string;
  readonly head: GitCommit;
  readonly isFork: boolean;
}

/** Of all pull requests of one look: they have the base in common. */
export class PullSides {
  readonly #git: MergePreview;
  readonly #directory: string;
  readonly #nowMs: Millis;
  readonly #parsed = new Map<Sha256, ParsedFile>();
  readonly #bases = new Map<GitCommit, { readonly base: PullSide; readonly blobs: Bytes }>();

  constructor(git: MergePreview, { directory, nowMs }: { readonly directory: string; readonly nowMs: Millis }) {
    this.#git = git;
    this.#directory = directory;
    this.#nowMs = nowMs;
  }

  /** Throws PortError `commit-too-large` where either side is. */
  async read(base: GitCommit, proposed: Proposed): Promise<{ readonly before: PullSide; readonly after: PullSide }> {
    const known = this.#bases.get(base) ?? (await this.#readBase(base));
    this.#bases.set(base, known);
    return { before: known.base, after: await this.#readProposed(proposed, known.blobs) };
  }

  async #readBase(commit: GitCommit) {
    const listed = await this.#list(commit);
    const blobs = await this.#read(listed, new Map());
    const { atMs } = await this.#git.describe(commit);
    const files = filesOf(listed, blobs);
    const side = readSide({ files, commit, atMs }, { nowMs: this.#nowMs, cache: this.#parsed });
    return { base: { side, policy: await this.#policy(files, commit) }, blobs };
  }

  async #readProposed({ tree, head, isFork }: Proposed, present: Bytes): Promise<PullSide> {
    const listed = await this.#list(tree);
    const added = listed.filter(({ blob }) => !present.has(blob));
    assertAllowed(added, head, isFork);
    const { atMs } = await this.#git.describe(head);
    const files = filesOf(listed, await this.#read(listed, present));
    const side = readSide({ files, commit: head, atMs }, { nowMs: this.#nowMs, cache: over(this.#parsed) });
    return { side, policy: await this.#policy(files, tree) };
  }

  async #policy(files: Bytes, tree: string): Promise<Uint8Array | undefined> {
    const beside = files.get(POLICY_FILE);
    return beside === undefined && this.#directory !== '' ? this.#git.file(tree, POLICY_FILE) : beside;
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
    const wanted = [...new Set(listed.filter(isReadable).map(({ blob }) => blob))];
    const fresh = await this.#git.read(wanted.filter(blob => !present.has(blob)));
    return new Map(
      wanted.flatMap(blob => {
        const bytes = fresh.get(blob) ?? present.get(blob);
        return bytes === undefined ? [] : [[blob, bytes] as const];
      }),
    );
  }
}

const isReadable = ({ sizeBytes }: FleetFile): boolean => !isOversized(sizeBytes);

function assertAllowed(added: readonly FleetFile[], head: GitCommit, isFork: boolean): void {
  const bytes = added.filter(isReadable).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const allowed = isFork ? ALLOWANCE.fork : ALLOWANCE.own;
  if (bytes <= allowed) return;
  throw new PortError('commit-too-large', head, { detail: `${bytes} bytes of new YAML, of ${allowed} that are read` });
}

const filesOf = (listed: readonly FleetFile[], blobs: Bytes): Bytes =>
  new Map(listed.map(({ path, blob }) => [path, blobs.get(blob) ?? OVERSIZED]));

/** Reads what is below, and keeps what is new to itself. */
function over(below: ReadonlyMap<Sha256, ParsedFile>): ParseCache {
  const own = new Map<Sha256, ParsedFile>();
  return { get: hash => below.get(hash) ?? own.get(hash), set: (hash, file) => own.set(hash, file) };
}
