// A bless that was answered with success and never reached the disk: systemd-bless-boot leaves a note of its rename, and a
// power cut takes the rename back. Reads and writes firmware/lose-next-bless and firmware/unsynced.

import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { BoardPaths } from '../board-paths.ts';

export const armLostBless = ({ flash }: BoardPaths): void => writeFileSync(join(dirname(flash), 'lose-next-bless'), '');

/** After a power cut: what was never written has not happened. */
export function loseUnsynced({ unsynced }: BoardPaths): void {
  if (!existsSync(unsynced)) return;
  const [before = '', after = ''] = readFileSync(unsynced, 'utf8').split('\n');
  if (existsSync(after) && !existsSync(before)) renameSync(after, before);
  rmSync(unsynced);
}

/** After an orderly shutdown everything is on the disk. */
export const keepUnsynced = ({ unsynced }: BoardPaths): void => rmSync(unsynced, { force: true });
