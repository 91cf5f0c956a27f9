// Where the board's file system begins: `/` on a board, a directory for a virtual one.
// Touches: nothing, it only joins paths.

import { join } from 'node:path';

/** A path of the board as a path of this machine. */
export type BoardRoot = (...segments: readonly string[]) => string;

export const boardRoot =
  (root: string): BoardRoot =>
  (...segments) =>
    join(root, ...segments);
