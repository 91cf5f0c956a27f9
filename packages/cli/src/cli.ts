// What a command may touch of the outside: its streams, its surroundings and the clock. Tests hand in their own.

import type { Clock } from '@seatrial/spec';
import type { ExitCode } from './exit-code.ts';

export interface Output {
  write(text: string): void;
  /** Somebody is looking: progress may be drawn, long cells cut. */
  readonly isTerminal: boolean;
  readonly colors: boolean;
  /** Characters in a line; Infinity where nobody counts. */
  readonly columns: number;
}

export interface Cli {
  /** Results, and nothing else: what a script reads. */
  readonly out: Output;
  /** Errors, progress and hints. */
  readonly err: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Relative paths of the user start here. */
  readonly cwd: string;
  readonly clock: Clock;
  /** Aborted when the user asks a long command to end (Ctrl-C, SIGTERM). */
  readonly stop: AbortSignal;
  /** Sets how the command ends; 0 when it is never called. */
  finish(code: ExitCode): void;
}
