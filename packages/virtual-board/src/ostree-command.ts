// The `ostree` command, and how it is spoken to here.

import { execFile } from 'node:child_process';
import { VirtualBoardError } from './errors.ts';

/** Deployments are made without the immutable flag, so that a board's directory can be removed again. */
export const OSTREE_ENVIRONMENT = { OSTREE_SYSROOT_DEBUG: 'mutable-deployments' } as const;

/** Standard output, trimmed. Throws OSTREE_FAILED with ostree's own words, OSTREE_MISSING where there is no such command. */
export function ostree(...args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, ...OSTREE_ENVIRONMENT };
    execFile('ostree', args, { env, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      if (error === null) return resolve(stdout.trim());
      const code = error.code === 'ENOENT' ? 'OSTREE_MISSING' : 'OSTREE_FAILED';
      reject(new VirtualBoardError(code, `ostree ${args.join(' ')}: ${stderr.trim()}`, { cause: error }));
    });
  });
}
