// A directory of the board that is full or takes no writes, by real means: mounts for root, permissions for anybody else.
//
// Runs mount and umount (root), or changes the modes of the directory's files. A fault holds while the OS runs: the firmware
// and the boot loader of a real board have the disk for themselves, and so have ours.

import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { VirtualBoardError } from '../errors.ts';

export type StorageFault =
  | { readonly kind: 'read-only' }
  /** Nothing more than `freeBytes` can be written; rounded to pages, and one page for every new file. */
  | { readonly kind: 'full'; readonly freeBytes: number };

/** Undoes a fault; whatever was written meanwhile stays. */
export type LiftFault = () => void;

const PAGE_BYTES = 4096;

/** Throws FAULT_NEEDS_ROOT where a full directory is asked for without the right to mount. */
export function applyStorageFault(directory: string, fault: StorageFault): LiftFault {
  mkdirSync(directory, { recursive: true });
  if (fault.kind === 'full') return limitSpace(directory, fault.freeBytes);
  return isRoot() ? bindReadOnly(directory) : withoutWritePermission(directory);
}

const isRoot = (): boolean => process.getuid?.() === 0;

function bindReadOnly(directory: string): LiftFault {
  mount('--bind', directory, directory);
  mount('-o', 'remount,bind,ro', directory);
  return () => unmount(directory);
}

/** A tmpfs over the directory, with its files and no more room than was left. */
function limitSpace(directory: string, freeBytes: number): LiftFault {
  if (!isRoot()) throw new VirtualBoardError('FAULT_NEEDS_ROOT', directory);
  const aside = mkdtempSync(join(tmpdir(), 'seatrial-full-'));
  copyInto(directory, aside);
  const size = pagesOf(directory) * PAGE_BYTES + Math.floor(freeBytes / PAGE_BYTES) * PAGE_BYTES;
  mount('-t', 'tmpfs', '-o', `size=${Math.max(size, PAGE_BYTES)},mode=755`, 'seatrial-full', directory);
  copyInto(aside, directory);
  return () => {
    rmSync(aside, { recursive: true, force: true });
    copyInto(directory, aside);
    unmount(directory);
    for (const name of readdirSync(directory)) rmSync(join(directory, name), { recursive: true, force: true });
    copyInto(aside, directory);
    rmSync(aside, { recursive: true, force: true });
  };
}

function withoutWritePermission(directory: string): LiftFault {
  const modes = entriesBelow(directory).map(path => ({ path, mode: lstatSync(path).mode & 0o7777 }));
  for (const { path, mode } of modes.toReversed()) chmodSync(path, mode & ~0o222);
  return () => {
    for (const { path, mode } of modes) chmodSync(path, mode);
  };
}

/** The directory first, then what is in it; links are not followed. */
function entriesBelow(directory: string): readonly string[] {
  const below = readdirSync(directory, { withFileTypes: true }).flatMap(entry => {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) return entriesBelow(path);
    return entry.isSymbolicLink() ? [] : [path];
  });
  return [directory, ...below];
}

const pagesOf = (directory: string): number =>
  entriesBelow(directory).reduce((pages, path) => {
    const stat = lstatSync(path);
    return pages + (stat.isFile() ? Math.ceil(stat.size / PAGE_BYTES) : 0);
  }, 0);

const copyInto = (from: string, to: string): void =>
  cpSync(from, to, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });

function mount(...args: readonly string[]): void {
  try {
    execFileSync('mount', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  } catch (cause) {
    throw new VirtualBoardError('FAULT_NEEDS_ROOT', `mount ${args.join(' ')}`, { cause });
  }
}

/** Lazily, because a process that was just killed may still be on its way out of the directory. */
const unmount = (directory: string): void =>
  void execFileSync('umount', ['--lazy', directory], { stdio: ['ignore', 'ignore', 'pipe'] });
