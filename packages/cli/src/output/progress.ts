// A bar on a terminal for work that takes longer than a second.

import cliProgress from 'cli-progress';
import type { Cli } from '../cli.ts';

export interface Progress {
  /** How much was done since the last call, in the unit of the total: bytes, devices. */
  advance(count: number): void;
  /** Takes the bar away again. */
  end(): void;
}

const PATIENCE_MS = 1000;
/** One frame in a dozen days. */
const NEVER_FPS = 1e-6;

export interface ProgressOptions {
  /** Drawn with every advance and never in between: where somebody else has the timers of the process. */
  readonly withoutTimers?: boolean;
}

/** `total` is the work as a whole; bytes that are read twice count twice. Silent where nobody looks. */
export function startProgress(
  { err, clock }: Pick<Cli, 'err' | 'clock'>,
  label: string,
  total: number,
  { withoutTimers = false }: ProgressOptions = {},
): Progress {
  if (!err.isTerminal) return { advance: () => undefined, end: () => undefined };
  const startedMs = clock.now();
  const format = `${label} {bar} {percentage}% {duration_formatted}`;
  const bar = new cliProgress.SingleBar({
    format,
    clearOnComplete: true,
    hideCursor: true,
    stream: process.stderr,
    ...(withoutTimers && { fps: NEVER_FPS }),
  });
  let done = 0;
  let shown = false;
  return {
    advance(count) {
      done += count;
      if (!shown && clock.now() - startedMs > PATIENCE_MS) {
        bar.start(total, done);
        shown = true;
      }
      if (!shown) return;
      bar.update(Math.min(done, total));
      if (withoutTimers) bar.render();
    },
    end() {
      if (shown) bar.stop();
    },
  };
}
