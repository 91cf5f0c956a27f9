// A bar on a terminal for work that takes longer than a second.

import cliProgress from 'cli-progress';
import type { Cli } from '../cli.ts';

export interface Progress {
  /** Bytes done since the last call. */
  advance(bytes: number): void;
  /** Takes the bar away again. */
  end(): void;
}

const PATIENCE_MS = 1000;

/** `totalBytes` is the work as a whole, each byte counted as often as it is read. Silent where nobody looks. */
export function startProgress({ err, clock }: Pick<Cli, 'err' | 'clock'>, label: string, totalBytes: number): Progress {
  if (!err.isTerminal) return { advance: () => undefined, end: () => undefined };
  const startedMs = clock.now();
  const format = `${label} {bar} {percentage}% {duration_formatted}`;
  const bar = new cliProgress.SingleBar({ format, clearOnComplete: true, hideCursor: true, stream: process.stderr });
  let done = 0;
  let shown = false;
  return {
    advance(bytes) {
      done += bytes;
      if (!shown && clock.now() - startedMs > PATIENCE_MS) {
        bar.start(totalBytes, done);
        shown = true;
      }
      if (shown) bar.update(Math.min(done, totalBytes));
    },
    end() {
      if (shown) bar.stop();
    },
  };
}
