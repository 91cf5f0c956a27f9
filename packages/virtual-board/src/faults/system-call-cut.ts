// Kills a command at an exact system call by running it under strace [strace(1)].

import { accessSync, constants, readFileSync } from 'node:fs';
import { VirtualBoardError } from '../errors.ts';
import { isMissing } from '../firmware/variable-files.ts';
import type { SystemCallCut } from './board-fault.ts';

const STRACE = '/usr/bin/strace';

/** One thread for all file access of Node, because strace counts calls per thread. */
export const SYSTEM_CALL_CUT_ENVIRONMENT = { UV_THREADPOOL_SIZE: '1' } as const;

/** The command that runs `command` and kills what makes the n-th call. Throws FAULT_NEEDS_STRACE where there is none. */
export function underSystemCallCut(
  command: readonly string[],
  { call, nth, path }: SystemCallCut,
  logFile: string,
): readonly string[] {
  requireStrace();
  const onlyOn = path === undefined ? [] : ['--trace-path', path];
  const injection = `inject=${call}:signal=SIGKILL:when=${nth}`;
  return [STRACE, '-f', '-q', '--seccomp-bpf', '-o', logFile, ...onlyOn, '-e', injection, '--', ...command];
}

/** The call was reached, be it in the command or in a child of it. */
export function wasCut(logFile: string): boolean {
  try {
    return readFileSync(logFile, 'utf8').includes('killed by SIGKILL');
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

function requireStrace(): void {
  try {
    accessSync(STRACE, constants.X_OK);
  } catch (cause) {
    throw new VirtualBoardError('FAULT_NEEDS_STRACE', STRACE, { cause });
  }
}
