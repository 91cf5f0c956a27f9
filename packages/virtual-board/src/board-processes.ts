// Every process of one board, whatever group or session it has made for itself: all carry the board's root in their
// environment. Reads /proc/PID/environ; sends SIGKILL.

import { readdirSync, readFileSync } from 'node:fs';

/** The variable that marks a process as the board's, with the board's root as value. */
export const BOARD_MARK = 'SEATRIAL_VIRTUAL_ROOT';

const ROUNDS = 20;

/** As the end of power does: nothing of the board runs when this returns. Rounds, because a process may fork meanwhile. */
export function killBoardProcesses(root: string): void {
  for (let round = 0; round < ROUNDS; round += 1) {
    const pids = boardProcesses(root);
    if (pids.length === 0) return;
    for (const pid of pids) killIfThere(pid);
  }
}

/** Process ids, this process excluded. */
export const boardProcesses = (root: string): readonly number[] =>
  readdirSync('/proc')
    .map(Number)
    .filter(pid => Number.isInteger(pid) && pid !== process.pid && hasMark(pid, root));

/** A process that has ended but is not yet reaped has no environment any more. */
function hasMark(pid: number, root: string): boolean {
  try {
    return `\0${readFileSync(`/proc/${pid}/environ`, 'latin1')}`.includes(`\0${BOARD_MARK}=${root}\0`);
  } catch {
    return false;
  }
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself in between.
  }
}
