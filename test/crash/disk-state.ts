// What is on a board's disk, as a digest that is the same for states from which a board can only go the same way:
// clocks, random names and boot ids are told apart by their order alone.

import { createHash, type Hash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { decodeEfiVariable, NON_VOLATILE } from '@seatrial/capsule-plan';
import type { BoardPaths } from '@seatrial/virtual-board';

/** `off`: what survives a power cut. `on`: what a process that is started again in the same boot finds. */
export type StateKind = 'off' | 'on';

const ALWAYS_LEFT_OUT = new Set([
  '/etc/seatrial/agent.yaml',
  '/sys/firmware/efi/esrt',
  '/proc/mounts',
  '/proc/cmdline',
]);
const LOST_WITH_POWER = new Set(['/proc', '/run', '/usr']);

/** Reads everything; hexadecimal. */
export function diskState(paths: BoardPaths, kind: StateKind): string {
  const hash = createHash('sha256');
  const names = new Names();
  hash.update(names.plain(readFileSync(paths.flash, 'utf8')));
  addDirectory('', { hash, names, kind, root: paths.root });
  return hash.digest('hex');
}

interface Walk {
  readonly hash: Hash;
  readonly names: Names;
  readonly kind: StateKind;
  readonly root: string;
}

function addDirectory(below: string, walk: Walk): void {
  for (const name of readdirSync(join(walk.root, below)).toSorted()) addEntry(`${below}/${name}`, walk);
}

function addEntry(path: string, walk: Walk): void {
  const { hash, names, kind, root } = walk;
  if (ALWAYS_LEFT_OUT.has(path) || (kind === 'off' && LOST_WITH_POWER.has(path))) return;
  const absolute = join(root, path);
  const stat = lstatSync(absolute);
  if (stat.isFile() && kind === 'off' && isForgottenVariable(path, absolute)) return;
  hash.update(`\0${names.path(path)} ${stat.mode} ${stat.nlink}\0`);
  if (stat.isDirectory()) addDirectory(path, walk);
  else if (stat.isSymbolicLink()) hash.update(readlinkSync(absolute));
  else if (stat.isFile()) hash.update(contentOf(path, absolute, names));
}

/** Only what the agent writes about itself holds clocks and boot ids. */
const contentOf = (path: string, absolute: string, names: Names): string | Uint8Array => {
  const bytes = readFileSync(absolute);
  return /^\/(?:var\/lib\/seatrial\/[^/]*|run\/.*|proc\/.*)$/.test(path)
    ? names.plain(bytes.toString('latin1'))
    : bytes;
};

function isForgottenVariable(path: string, absolute: string): boolean {
  if (!path.startsWith('/sys/firmware/efi/efivars/')) return false;
  const variable = decodeEfiVariable(readFileSync(absolute));
  return !variable.ok || (variable.value.attributes & NON_VOLATILE) === 0;
}

const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

/** Random words by the order in which they come up. */
class Names {
  readonly #seen = new Map<string, number>();

  plain = (text: string): string =>
    text
      .replace(UUID, uuid => this.#order(uuid))
      .replace(/\b\d{13}\b/g, 'T')
      .replace(/"(epoch|counter)":\d+/g, '"$1":N');

  path = (path: string): string =>
    this.plain(path).replace(/((?:tmp|staging)-(?:<\d+>-)?|tmpobj-|\.)[A-Za-z0-9]{6}(?=$|\/|-lock)/g, '$1?');

  #order(word: string): string {
    const order = this.#seen.get(word) ?? this.#seen.size;
    this.#seen.set(word, order);
    return `<${order}>`;
  }
}

/** When anything below the board's root was last changed, /run and /proc aside: both are memory. */
export function lastChange(root: string): bigint {
  return newest(
    root,
    readdirSync(root).filter(name => name !== 'run' && name !== 'proc'),
  );
}

function newest(directory: string, names: readonly string[]): bigint {
  let latest = 0n;
  for (const name of names) {
    const path = join(directory, name);
    const { ctimeNs, mode } = lstatSync(path, { bigint: true });
    const below = (Number(mode) & 0o170000) === 0o040000 ? newest(path, readdirSync(path)) : 0n;
    latest = [latest, ctimeNs, below].reduce((a, b) => (a > b ? a : b));
  }
  return latest;
}
