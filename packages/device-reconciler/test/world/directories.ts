// Directories that are gone when the test is over, and file systems of their own where this machine lets us mount.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'seatrial-agent-'));
  onTestFinished(() => removeDirectory(directory));
  return directory;
}

export function removeDirectory(directory: string): void {
  // OSTree makes deployments immutable.
  if (existsSync(join(directory, 'root/ostree')))
    works('chattr', '-R', '-f', '-i', join(directory, 'root/ostree/deploy'));
  rmSync(directory, { recursive: true, force: true });
}

/** A tmpfs in a directory; unmounted when the test is over. */
export function mountTmpfs(path: string, size: string): void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', path]);
  onTestFinished(() => {
    execFileSync('umount', ['-l', path]);
  });
}

export const remountReadOnly = (path: string): void => {
  execFileSync('mount', ['-o', 'remount,ro', path]);
};

const works = (program: string, ...words: readonly string[]): boolean => {
  try {
    execFileSync(program, words, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

/** Root with the right to mount: elsewhere tests that need a small or read-only file system are skipped. */
export const CAN_MOUNT = process.getuid?.() === 0 && works('unshare', '--mount', 'true');
export const HAS_STRACE = works('strace', '-o', '/dev/null', 'true');
