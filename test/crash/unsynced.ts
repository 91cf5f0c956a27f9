// A disk that has kept only what it was told to flush: from the calls of an agent until its end, every state in which a power
// cut may find what the agent itself writes. In the manner of CrashMonkey and ALICE (docs/references.md).
//
// A file's bytes are safe after fsync of the file, a name in a directory after fsync of the directory, both after syncfs:
// nothing else is promised, neither an order nor that a name comes with its bytes.

import {
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { InvariantError } from '@seatrial/spec';
import type { TracedCall } from './tracer.ts';

/** Below these everything may be lost; of the loader's entries the renames, which is all that is done to them in place. */
const OWN = ['/var/lib/seatrial', '/boot/EFI'];
const ENTRIES = /^\/boot\/loader\.\d\/entries\//;

type Content = Uint8Array | 'directory';
/** Paths from the board's root. */
type Files = ReadonlyMap<string, Content>;

type Change =
  | { readonly kind: 'bytes'; readonly file: Inode; readonly offset: number; readonly data: Uint8Array }
  | { readonly kind: 'truncation'; readonly file: Inode }
  | { readonly kind: 'name'; readonly path: string; readonly inode: Inode | 'directory' }
  | { readonly kind: 'removal'; readonly path: string }
  | { readonly kind: 'rename'; readonly from: string; readonly path: string };

interface Inode {
  readonly safe: Uint8Array;
}

/** What is lost, in words, and what the disk then holds. */
export interface Loss {
  readonly what: string;
  readonly files: Files;
  /** Boot entries that have their old names again. */
  readonly entries: readonly { readonly from: string; readonly path: string }[];
}

/** The bytes of a lost write: not there at all, or there as zeros where the file had grown already. */
type Fate = 'kept' | 'lost' | 'zeros';

const { O_TRUNC } = constants;

/** One disk, from a moment at which everything was safe. */
export class UnsyncedDisk {
  readonly #root: string;
  readonly #safe = new Map<string, Inode | 'directory'>();
  /** In the order in which they were made. */
  #pending: Change[] = [];

  /** Of a board's root, in which all is safe now. */
  constructor(root: string) {
    this.#root = root;
    for (const own of OWN) this.#load(own);
  }

  #load(path: string): void {
    const absolute = join(this.#root, path);
    if (!existsSync(absolute)) return;
    if (statSync(absolute).isFile()) return void this.#safe.set(path, { safe: readFileSync(absolute) });
    this.#safe.set(path, 'directory');
    for (const name of readdirSync(absolute)) this.#load(`${path}/${name}`);
  }

  take(call: TracedCall): void {
    const { kind, path, path2, failed } = call;
    if (failed) return;
    TAKE[kind](this, { ...call, path: this.#below(path), path2: this.#below(path2) });
  }

  #below = (path: string): string => (path.startsWith(`${this.#root}/`) ? path.slice(this.#root.length) : '');

  /** The file or directory as the running system sees it. */
  look = (path: string): Inode | 'directory' | undefined => this.#names(() => true).get(path);

  change(change: Change): void {
    this.#pending.push(change);
  }

  /** Of a file its bytes, of a directory its names. */
  flush(path: string): void {
    const inode = this.look(path);
    if (inode === undefined || inode === 'directory') this.#keep(change => directoryOf(change) === path);
    else this.#keep(change => 'file' in change && change.file === inode);
  }

  flushAll(): void {
    this.#keep(() => true);
  }

  #keep(isSafeNow: (change: Change) => boolean): void {
    const now = this.#pending.filter(isSafeNow);
    this.#pending = this.#pending.filter(change => !now.includes(change));
    for (const change of now) {
      if (change.kind === 'bytes' || change.kind === 'truncation')
        Object.assign(change.file, { safe: written(change.file.safe, change, 'kept') });
      else applyName(this.#safe, change);
    }
  }

  /** Everything that was done, as the running system sees it. */
  live = (): Files => this.#state(() => 'kept');

  /** What a power cut may leave instead: all lost, each lost alone, each kept alone. */
  losses(): readonly Loss[] {
    const all = this.#pending;
    const alone = all.flatMap((one, n) => [
      this.#loss(`${nameOf(one)} alone is lost (${n + 1} of ${all.length})`, change =>
        change === one ? 'lost' : 'kept',
      ),
      this.#loss(`${nameOf(one)} alone is kept (${n + 1} of ${all.length})`, change =>
        change === one ? 'kept' : 'lost',
      ),
      ...(one.kind === 'bytes'
        ? [this.#loss(`${nameOf(one)} are zeros`, change => (change === one ? 'zeros' : 'kept'))]
        : []),
    ]);
    const losses = [this.#loss('everything unsynced is lost', () => 'lost'), ...alone];
    const seen = new Set([keyOf({ what: '', files: this.live(), entries: [] })]);
    return losses.filter(loss => {
      const key = keyOf(loss);
      const isNew = !seen.has(key);
      seen.add(key);
      return isNew;
    });
  }

  #loss(what: string, fateOf: (change: Change) => Fate): Loss {
    const entries = this.#pending.flatMap(change =>
      change.kind === 'rename' && ENTRIES.test(change.path) && fateOf(change) === 'lost' ? [change] : [],
    );
    return { what, files: this.#state(fateOf), entries: entries.toReversed() };
  }

  #names(isKept: (change: Change) => boolean): ReadonlyMap<string, Inode | 'directory'> {
    const names = new Map(this.#safe);
    for (const change of this.#pending) {
      if (change.kind !== 'bytes' && change.kind !== 'truncation' && isKept(change)) applyName(names, change);
    }
    return names;
  }

  #state(fateOf: (change: Change) => Fate): Files {
    const contents = new Map<Inode, Uint8Array>();
    for (const change of this.#pending) {
      if (change.kind !== 'bytes' && change.kind !== 'truncation') continue;
      contents.set(change.file, written(contents.get(change.file) ?? change.file.safe, change, fateOf(change)));
    }
    const names = [...this.#names(change => fateOf(change) === 'kept')];
    const isThere = new Set(names.flatMap(([path, inode]) => (inode === 'directory' ? [path] : [])));
    return new Map(
      names
        .filter(([path]) => OWN.includes(path) || isThere.has(dirname(path)))
        .map(([path, inode]) => [path, inode === 'directory' ? inode : (contents.get(inode) ?? inode.safe)]),
    );
  }
}

const isOwn = (path: string): boolean => OWN.some(own => path === own || path.startsWith(`${own}/`));

type Taker = (disk: UnsyncedDisk, call: TracedCall) => void;

const TAKE: Readonly<Record<TracedCall['kind'], Taker>> = {
  create: (disk, { call, path, offset }) => {
    if (!isOwn(path)) return;
    const inode = disk.look(path);
    if (call.startsWith('mkdir')) {
      if (inode === undefined && disk.look(dirname(path)) === 'directory')
        disk.change({ kind: 'name', path, inode: 'directory' });
    } else if (inode === undefined) disk.change({ kind: 'name', path, inode: { safe: new Uint8Array() } });
    else if (inode !== 'directory' && (offset & O_TRUNC) !== 0) disk.change({ kind: 'truncation', file: inode });
  },
  write: (disk, { call, path, offset, data }) => {
    const file = isOwn(path) ? disk.look(path) : undefined;
    if (file === undefined || file === 'directory') return;
    if (!['write', 'pwrite64', 'writev', 'pwritev'].includes(call))
      throw new InvariantError(`${call} on ${path} is not modelled`);
    disk.change({ kind: 'bytes', file, offset, data });
  },
  sync: (disk, { call, path }) => (call === 'syncfs' ? disk.flushAll() : disk.flush(path)),
  rename: (disk, { path, path2 }) => {
    const isEntry = ENTRIES.test(path) && ENTRIES.test(path2);
    if (isEntry || (isOwn(path) && disk.look(path) !== undefined))
      disk.change({ kind: 'rename', from: path, path: path2 });
  },
  unlink: (disk, { path }) => {
    if (isOwn(path) && disk.look(path) !== undefined) disk.change({ kind: 'removal', path });
  },
  link: (_disk, { path2 }) => {
    if (isOwn(path2)) throw new InvariantError(`a link at ${path2} is not modelled`);
  },
};

const directoryOf = (change: Change): string | undefined => ('path' in change ? dirname(change.path) : undefined);

function applyName(
  names: Map<string, Inode | 'directory'>,
  change: Exclude<Change, { kind: 'bytes' | 'truncation' }>,
): void {
  if (change.kind === 'name') return void names.set(change.path, change.inode);
  if (change.kind === 'removal') return void names.delete(change.path);
  const inode = names.get(change.from);
  names.delete(change.from);
  if (inode !== undefined) names.set(change.path, inode);
}

function written(
  before: Uint8Array,
  change: Extract<Change, { kind: 'bytes' | 'truncation' }>,
  fate: Fate,
): Uint8Array {
  if (fate === 'lost') return before;
  if (change.kind === 'truncation') return new Uint8Array();
  const offset = change.offset === AT_END ? before.length : change.offset;
  const after = new Uint8Array(Math.max(before.length, offset + change.data.length));
  after.set(before);
  after.set(fate === 'zeros' ? new Uint8Array(change.data.length) : change.data, offset);
  return after;
}

/** As the tracer writes it of a descriptor that appends. */
const AT_END = -2;

const nameOf = (change: Change): string =>
  change.kind === 'bytes'
    ? `${change.data.length} bytes`
    : 'path' in change
      ? `${change.kind} of ${change.path}`
      : change.kind;

const keyOf = ({ files, entries }: Loss): string =>
  JSON.stringify([
    [...files].map(([path, content]) => `${path} ${Buffer.from(content).toString('base64')}`).toSorted(),
    entries,
  ]);

/** Makes a board's root, as the agent left it, what the loss has left of it. */
export function inflict(root: string, live: Files, { files, entries }: Loss): void {
  for (const path of [...live.keys()]
    .filter(one => !files.has(one))
    .toSorted()
    .toReversed())
    rmSync(join(root, path), { recursive: true, force: true });
  for (const [path, content] of [...files].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    if (content === 'directory') mkdirSync(join(root, path), { recursive: true });
    else if (!isSame(live.get(path), content)) writeFileSync(join(root, path), content);
  }
  for (const { from, path } of entries) renameSync(join(root, path), join(root, from));
}

const isSame = (a: Content | undefined, b: Content): boolean =>
  a !== undefined && a !== 'directory' && b !== 'directory' && Buffer.from(a).equals(b);

/** Whether the model has seen what really happened: with nothing lost it must hold what the disk holds. */
export function demandLive(root: string, live: Files): void {
  for (const own of OWN) {
    const found = existsSync(join(root, own))
      ? readdirSync(join(root, own), { recursive: true, encoding: 'utf8' })
      : [];
    const modelled = [...live.keys()]
      .filter(path => path.startsWith(`${own}/`))
      .map(path => path.slice(own.length + 1));
    const differs = found.toSorted().join() !== modelled.toSorted().join();
    if (differs) throw new InvariantError(`the model has ${modelled.join()} in ${own}, the disk ${found.join()}`);
  }
  for (const [path, content] of live) {
    if (content !== 'directory' && !Buffer.from(content).equals(readFileSync(join(root, path))))
      throw new InvariantError(`the model has other bytes in ${path} than the disk`);
  }
}
