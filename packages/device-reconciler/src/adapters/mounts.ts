// Reads which file systems are mounted, and whether they take writes.
// Touches: /proc/mounts (read). Privileges: none.

import { access, constants } from 'node:fs/promises';
import type { BoardRoot } from './board-root.ts';
import { readTextIfThere } from './durable-file.ts';

/**
 * The file system that holds the path is mounted read-write, or, where /proc/mounts does not name one for it (as for a
 * board in a directory), the path may be written. False where the path does not exist.
 */
export async function takesWrites(root: BoardRoot, path: string): Promise<boolean> {
  try {
    await access(root(path), constants.W_OK);
  } catch {
    return false;
  }
  const options = mountOptions((await readTextIfThere(root('proc/mounts'))) ?? '', path);
  return options === undefined || options.includes('rw');
}

/** Options of the file system that holds the path; undefined when only `/` or nothing does. */
export function mountOptions(table: string, path: string): readonly string[] | undefined {
  const holding = table
    .split('\n')
    .map(line => line.split(' '))
    .map(([, point = '', , options = '']) => ({ point, options }))
    .filter(({ point }) => point.length > 1 && (path === point || path.startsWith(`${point}/`)));
  // The longest mount point is the nearest; of two on one point the later one lies on top.
  const nearest = holding.reduce<{ point: string; options: string } | undefined>(
    (best, mount) => (best === undefined || mount.point.length >= best.point.length ? mount : best),
    undefined,
  );
  return nearest?.options.split(',');
}
