// Long work that shows how far it is, and ends where a user asks for it.

import type { Cli } from '../cli.ts';
import { type Progress, startProgress } from '../output/progress.ts';
import { CapsuleFailure } from './failure.ts';

/** `advance` fails with INTERRUPTED once the user has asked for an end; whoever was writing cleans up behind itself. */
export function startWork(cli: Cli, label: string, totalBytes: number): Progress {
  const progress = startProgress(cli, label, totalBytes);
  return {
    advance(bytes) {
      if (cli.stop.aborted) throw new CapsuleFailure('INTERRUPTED', '');
      progress.advance(bytes);
    },
    end: () => progress.end(),
  };
}
