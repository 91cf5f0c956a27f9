// Adapter: the process around one run. Touches standard streams, the environment and the signals SIGINT and SIGTERM.

import type { Clock, Millis } from '@seatrial/spec';
import type { Output } from './cli.ts';
import { run } from './run.ts';

/** As `systemClock`, for which the whole language would be loaded before help is printed. */
const CLOCK: Clock = { now: () => Date.now() as Millis }; // milliseconds, by its definition

/** Sets the exit code of the process. */
export async function main(): Promise<void> {
  const argv = process.argv.slice(2);
  const plain = argv.includes('--no-color');
  process.exitCode = await run(argv, {
    out: outputTo(process.stdout, plain),
    err: outputTo(process.stderr, plain),
    env: process.env,
    cwd: process.cwd(),
    clock: CLOCK,
    stop: stopSignal(),
  });
}

function outputTo(stream: NodeJS.WriteStream, plain: boolean): Output {
  // A reader that has seen enough, as in `seatrial get devices | head`, is no failure.
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit();
  });
  return {
    write: text => stream.write(text),
    isTerminal: stream.isTTY === true,
    colors: !plain && hasColors(stream),
    get columns() {
      return stream.isTTY === true ? stream.columns : Number.POSITIVE_INFINITY;
    },
  };
}

/** Norm: no-color.org; FORCE_COLOR as Node reads it. */
function hasColors(stream: NodeJS.WriteStream): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
  if (NO_COLOR) return false;
  if (FORCE_COLOR !== undefined) return FORCE_COLOR !== '0' && FORCE_COLOR !== 'false';
  return stream.isTTY === true && TERM !== 'dumb';
}

/** The first signal asks for an orderly end, the second ends at once: the handler is gone by then. */
function stopSignal(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => controller.abort(signal));
  return controller.signal;
}
