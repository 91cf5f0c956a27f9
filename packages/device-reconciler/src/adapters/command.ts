// Runs one program and waits for it, with a time limit after which it and everything it started is killed.
// Touches: the program it is given. Privileges: the agent's own.

import { type ChildProcess, spawn } from 'node:child_process';
import { PortError } from '../errors.ts';
import { errnoOf } from './durable-file.ts';

export interface CommandOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  /** A process group of its own, so that what the program starts dies with it. */
  readonly ownGroup?: boolean;
  readonly env?: Readonly<Record<string, string>>;
}

export interface CommandResult {
  /** Undefined when a signal ended it. */
  readonly exitCode: number | undefined;
  readonly stdout: string;
  /** The last words, for a message; never parsed. */
  readonly stderr: string;
  readonly ending: 'exited' | 'timed-out' | 'aborted';
}

const STDOUT_KEPT = 256 * 1024;
const STDERR_KEPT = 2 * 1024;

/** Fails with `command-missing`. A failing exit code is a result. */
export async function runCommand(
  [program = '', ...first]: readonly string[],
  words: readonly string[],
  options: CommandOptions,
): Promise<CommandResult> {
  const child = spawn(program, [...first, ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: options.ownGroup === true,
    env: { ...process.env, LC_ALL: 'C', ...options.env },
  });
  const stdout = collect(child.stdout, STDOUT_KEPT);
  const stderr = collect(child.stderr, STDERR_KEPT);
  let ending: CommandResult['ending'] = 'exited';
  const end = (why: CommandResult['ending']) => {
    ending = why;
    kill(child, options.ownGroup === true);
  };
  const onAbort = () => end('aborted');
  const limit = setTimeout(() => end('timed-out'), options.timeoutMs);
  options.signal?.addEventListener('abort', onAbort, { once: true });
  if (options.signal?.aborted === true) onAbort();
  try {
    const exitCode = await exitOf(child, program);
    return { exitCode, stdout: stdout(), stderr: stderr().trim(), ending };
  } finally {
    clearTimeout(limit);
    options.signal?.removeEventListener('abort', onAbort);
  }
}

const exitOf = (child: ChildProcess, program: string): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    child.once('error', error => {
      const code = errnoOf(error);
      reject(
        code === 'ENOENT' || code === 'EACCES' ? new PortError('command-missing', program, { cause: error }) : error,
      );
    });
    // Not `close`: a grandchild that keeps the pipes open must not hold us up.
    child.once('exit', exitCode => setImmediate(() => resolve(exitCode ?? undefined)));
  });

function kill(child: ChildProcess, group: boolean): void {
  if (child.pid === undefined) return;
  try {
    process.kill(group ? -child.pid : child.pid, 'SIGKILL');
  } catch {
    // It has just ended by itself.
  }
}

/** Keeps the end of what a stream says. */
function collect(stream: NodeJS.ReadableStream | null, limit: number): () => string {
  let text = '';
  stream?.setEncoding('utf8');
  stream?.on('data', (chunk: string) => {
    text = (text + chunk).slice(-limit);
  });
  return () => text;
}
