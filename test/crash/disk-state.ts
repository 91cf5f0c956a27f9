// What is on a board's disk, as a digest that is the same for states from which a board can only go the same way:
// clocks, random names and boot ids are told apart by their order alone.

import { createHash } from 'node:crypto';
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

/** Reads everything once; hexadecimal. */
export function diskStates(paths: BoardPaths): Readonly<Record<StateKind, string>> {
  const [on, off] = [new Digest(), new Digest()];
  const flash = readFileSync(paths.flash, 'utf8');
  for (const digest of [on, off]) digest.text(flash);
  addDirectory('', { root: paths.root, on, off });
  return { on: on.hex(), off: off.hex() };
}

interface Walk {
  readonly root: string;
  readonly on: Digest;
  /** Undefined below what goes with the power. */
  readonly off: Digest | undefined;
}

function addDirectory(below: string, walk: Walk): void {
  for (const name of readdirSync(join(walk.root, below)).toSorted()) addEntry(`${below}/${name}`, walk);
}

function addEntry(path: string, walk: Walk): void {
  if (ALWAYS_LEFT_OUT.has(path)) return;
  const absolute = join(walk.root, path);
  const stat = lstatSync(absolute);
  const bytes = stat.isFile() ? readFileSync(absolute) : undefined;
  const isLost = LOST_WITH_POWER.has(path) || isForgottenVariable(path, bytes);
  const off = isLost ? undefined : walk.off;
  for (const digest of [walk.on, off]) {
    digest?.entry(path, `${stat.mode} ${stat.nlink}`);
    if (stat.isSymbolicLink()) digest?.bytes(Buffer.from(readlinkSync(absolute)));
    if (bytes !== undefined && speaksOfItself(path)) digest?.text(bytes.toString('latin1'));
    else if (bytes !== undefined) digest?.bytes(bytes);
  }
  if (stat.isDirectory()) addDirectory(path, { ...walk, off });
}

/** Only what the agent writes about itself holds clocks and boot ids. */
const speaksOfItself = (path: string): boolean => /^\/(?:var\/lib\/seatrial\/[^/]*|run\/.*|proc\/.*)$/.test(path);

function isForgottenVariable(path: string, bytes: Uint8Array | undefined): boolean {
  if (bytes === undefined || !path.startsWith('/sys/firmware/efi/efivars/')) return false;
  const variable = decodeEfiVariable(bytes);
  return !variable.ok || (variable.value.attributes & NON_VOLATILE) === 0;
}

const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

/** Random words count by the order in which they come up. */
class Digest {
  readonly #hash = createHash('sha256');
  readonly #seen = new Map<string, number>();

  hex = (): string => this.#hash.digest('hex');

  bytes(bytes: Uint8Array): void {
    this.#hash.update(bytes);
  }

  text(text: string): void {
    const plain = this.#plain(text)
      .replace(/\b\d{13}\b/g, 'T')
      .replace(/"(epoch|counter)":\d+/g, '"$1":N');
    this.#hash.update(plain);
  }

  entry(path: string, kind: string): void {
    const plain = this.#plain(path).replace(
      /((?:tmp|staging)-(?:<\d+>-)?|tmpobj-|\.)[A-Za-z0-9]{6}(?=$|\/|-lock)/g,
      '$1?',
    );
    this.#hash.update(`\0${plain} ${kind}\0`);
  }

  #plain = (text: string): string =>
    text.replace(UUID, uuid => {
      const order = this.#seen.get(uuid) ?? this.#seen.size;
      this.#seen.set(uuid, order);
      return `<${order}>`;
    });
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
