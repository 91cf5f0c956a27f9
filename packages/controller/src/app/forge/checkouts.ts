// The fleet repository at commits other than the one in force: what fleets want there, the text of files, and what would
// come of changing them. Nothing is put in force here.

import { type DesiredState, type GitCommit, type Name, type Sha256, sha256Hex } from '@seatrial/spec';
import type { Changed } from '../../domain/edit/changed.ts';
import { PortError } from '../../errors.ts';
import type { FleetFile, FleetRepository } from '../../ports/fleet-repository.ts';
import type { Validator } from '../../ports/validator.ts';

/** What each fleet wants at a commit; empty for one that is not valid. */
export type Wishes = ReadonlyMap<Name, { readonly release: Name; readonly payloadHash: Sha256 }>;

/** Wishes are small; whole states are not kept. */
const MOST_REMEMBERED = 200;

export class Checkouts {
  readonly repository: FleetRepository;
  readonly #validator: Validator;
  readonly #inForce: () => DesiredState | undefined;
  readonly #wishes = new Map<GitCommit, Wishes>();
  /** Of the commit that was last looked at. */
  #texts: { readonly commit: GitCommit; readonly all: ReadonlyMap<string, string> } | undefined;

  /** What is in force is known without being read again. */
  constructor(
    repository: FleetRepository,
    validator: Validator,
    inForce: () => DesiredState | undefined = () => undefined,
  ) {
    this.repository = repository;
    this.#validator = validator;
    this.#inForce = inForce;
  }

  /** Empty also for a commit that the mirror does not have any more. Throws PortError for everything else. */
  async wishesAt(commit: GitCommit): Promise<Wishes> {
    const known = this.#wishes.get(commit);
    if (known !== undefined) return known;
    const desired = await this.desiredAt(commit);
    const wishes = desired === undefined ? NO_WISHES : wishesOf(desired);
    const [oldest] = this.#wishes.keys();
    if (oldest !== undefined && this.#wishes.size >= MOST_REMEMBERED) this.#wishes.delete(oldest);
    this.#wishes.set(commit, wishes);
    return wishes;
  }

  /** With these changes; undefined where it is not valid, or the commit is not there. */
  async desiredAt(commit: GitCommit, changes: Changed = NOTHING): Promise<DesiredState | undefined> {
    const inForce = this.#inForce();
    if (changes.size === 0 && inForce?.gitCommit === commit) return inForce;
    try {
      const files = await this.repository.list(commit);
      const { repository } = this;
      const proposed = new Map(
        [...changes].flatMap(([, bytes]) => (bytes === undefined ? [] : [[blobOf(bytes), bytes]])),
      );
      const read = async (blobs: readonly string[]) => {
        const kept = await repository.read(blobs.filter(blob => !proposed.has(blob)));
        return new Map([...kept, ...[...proposed].filter(([blob]) => blobs.includes(blob))]);
      };
      return (await this.#validator.validate(commit, withChanges(files, changes), read)).desired;
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  /** UTF-8 by path; files that the commit does not have are left out. */
  async textsAt(commit: GitCommit, paths: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const wanted = new Set(paths);
    const files = (await this.repository.list(commit)).filter(({ path }) => wanted.has(path));
    const bytes = await this.repository.read(files.map(({ blob }) => blob));
    return new Map(files.flatMap(({ path, blob }) => textOf(path, bytes.get(blob))));
  }

  /** Every YAML file of a commit, as text: to find the one that holds a document. */
  async everyTextAt(commit: GitCommit): Promise<ReadonlyMap<string, string>> {
    if (this.#texts?.commit === commit) return this.#texts.all;
    const all = await this.#readTexts(commit);
    this.#texts = { commit, all };
    return all;
  }

  async #readTexts(commit: GitCommit): Promise<ReadonlyMap<string, string>> {
    const files = (await this.repository.list(commit)).filter(({ path, sizeBytes }) => isSmallYaml(path, sizeBytes));
    const bytes = await this.repository.read(files.map(({ blob }) => blob));
    return new Map(files.flatMap(({ path, blob }) => textOf(path, bytes.get(blob))));
  }
}

const NOTHING: Changed = new Map();
const NO_WISHES: Wishes = new Map();

function wishesOf({ fleets, releases }: DesiredState): Wishes {
  const hashes = new Map(releases.map(({ name, payloadHash }) => [name, payloadHash]));
  return new Map(
    fleets.flatMap(({ name, release }) => {
      const payloadHash = hashes.get(release);
      return payloadHash === undefined ? [] : [[name, { release, payloadHash }]];
    }),
  );
}

function withChanges(files: readonly FleetFile[], changes: Changed): readonly FleetFile[] {
  const kept = files.filter(({ path }) => !changes.has(path));
  const added = [...changes].flatMap(([path, bytes]) =>
    bytes === undefined ? [] : [{ path, blob: blobOf(bytes), sizeBytes: bytes.length }],
  );
  return [...kept, ...added].sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** No git id looks like it, so that the same content is never taken for a blob of the repository. */
const blobOf = (bytes: Uint8Array): string => `proposed:${sha256Hex(bytes)}`;

/** Fleets and releases are short; lists of devices need not be. */
const isSmallYaml = (path: string, sizeBytes: number): boolean => /\.ya?ml$/.test(path) && sizeBytes <= 1024 * 1024;

const textOf = (path: string, bytes: Uint8Array | undefined): readonly (readonly [string, string])[] =>
  bytes === undefined ? [] : [[path, Buffer.from(bytes).toString('utf8')]];

/** A mirror that was deleted, or a branch that was force-pushed, has lost commits. */
const isMissing = (error: unknown): boolean =>
  error instanceof PortError && (error.code === 'git-failed' || error.code === 'commit-invalid');
