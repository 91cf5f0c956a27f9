// Runs the command inside the test, with streams that are kept and surroundings that a test chooses.

import { millis } from '@seatrial/spec';
import { type Cli, type ExitCode, type Output, run } from '../../src/index.ts';

export interface Ran {
  readonly code: ExitCode;
  readonly out: string;
  readonly err: string;
}

export const NOW = millis(Date.UTC(2026, 10, 21, 12));

export async function runCli(argv: readonly string[], changes: Partial<Cli> = {}): Promise<Ran> {
  const out = keep();
  const err = keep();
  const code = await run(argv, {
    out: out.output,
    err: err.output,
    env: {},
    cwd: import.meta.dirname,
    clock: { now: () => NOW },
    stop: new AbortController().signal,
    ...changes,
  });
  return { code, out: out.text(), err: err.text() };
}

function keep(): { readonly output: Output; readonly text: () => string } {
  const parts: string[] = [];
  const output = {
    write: (text: string) => void parts.push(text),
    isTerminal: false,
    colors: false,
    columns: Number.POSITIVE_INFINITY,
  };
  return { output, text: () => parts.join('') };
}

/** Surroundings in which nothing is seen and nothing happens. */
export function silentCli(changes: Partial<Cli> = {}): Cli {
  const output = { write: () => undefined, isTerminal: false, colors: false, columns: 80 };
  return {
    out: output,
    err: output,
    env: {},
    cwd: '/',
    clock: { now: () => NOW },
    stop: new AbortController().signal,
    finish: () => undefined,
    ...changes,
  };
}
