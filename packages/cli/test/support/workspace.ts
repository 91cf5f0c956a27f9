// Directories for a test that are gone when it ends.

import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';

export function emptyDirectory(): string {
  const path = mkdtempSync(join(tmpdir(), 'seatrial-cli-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** A directory with these files; paths may have folders. */
export function directoryWith(files: Readonly<Record<string, string>>): string {
  const root = emptyDirectory();
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

/** The fleet repository of these tests: two boards in a harbour fleet, one in a suspended one. */
export const FLEET = join(import.meta.dirname, '../fleet');

export function fleetCopy(): string {
  const root = emptyDirectory();
  cpSync(FLEET, root, { recursive: true });
  return root;
}
