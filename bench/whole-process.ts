// Measures a program from its start to its end, as whoever calls it pays for it. Starts it through bash, which knows what
// its children used, and looks at VmHWM in /proc/PID/status while it runs.

import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Metric, Sample } from './measure.ts';

export const PROCESS_METRICS = [
  { key: 'cpuMs', label: 'CPU, ms', better: 'less' },
  { key: 'wallMs', label: 'wall clock, ms', better: 'less' },
  { key: 'peakRssMiB', label: 'peak RSS, MiB', better: 'less' },
] as const satisfies readonly Metric[];

export interface ProcessOptions {
  readonly environment?: Readonly<Record<string, string>>;
  readonly workingDirectory?: string;
}

const LOOK_MS = 5;

/** Descriptor 3 gets the pid at once, then start and end in seconds, then `times`: ours, and that of what we waited for. */
const WRAPPER = `started=$EPOCHREALTIME
"$@" 3>&- &
echo $! >&3
wait $!
code=$?
echo "$started $EPOCHREALTIME" >&3
times >&3
exit $code`;

/** Runs a command line to its end: user and system time, wall clock, peak resident memory. Fails unless it exits with 0. */
export async function runProgram(command: readonly string[], options: ProcessOptions = {}): Promise<Sample> {
  const child = spawn('bash', ['-c', WRAPPER, 'bash', ...command], {
    env: { ...process.env, ...options.environment },
    ...(options.workingDirectory === undefined ? {} : { cwd: options.workingDirectory }),
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  });
  const accounts = child.stdio[3];
  const peak = watchPeak();
  const [told, complaint, code] = await Promise.all([
    readAll(accounts as NodeJS.ReadableStream | null, peak.look), // descriptor 3 is a pipe that we read
    readAll(child.stderr),
    new Promise<number>((resolve, reject) => child.once('error', reject).once('exit', status => resolve(status ?? -1))),
  ]);
  if (code !== 0) throw new Error(`${command.join(' ')} exited with ${code}: ${complaint}`);
  return { ...readAccounts(told), peakRssMiB: peak.stop() / 1_024 };
}

/** A Node program, by the Node that runs this. */
export const runNode = (args: readonly string[], options: ProcessOptions = {}): Promise<Sample> =>
  runProgram([process.execPath, ...args], options);

function readAccounts(told: string): { readonly cpuMs: number; readonly wallMs: number } {
  const [, span = '', , children = ''] = told.replaceAll(',', '.').split('\n');
  const [started = 0, ended = 0] = span.split(' ').map(Number);
  const cpuSeconds = [...children.matchAll(/(\d+)m([\d.]+)s/g)].map(([, m, s]) => Number(m) * 60 + Number(s));
  return { wallMs: (ended - started) * 1_000, cpuMs: cpuSeconds.reduce((sum, each) => sum + each, 0) * 1_000 };
}

/** In KiB. The mark only rises, so that the last look before the end has missed little. */
function watchPeak() {
  let peakKiB = 0;
  let timer: NodeJS.Timeout | undefined;
  return {
    look: (told: string): void => {
      const pid = /^(\d+)\n/.exec(told)?.[1];
      if (pid === undefined || timer !== undefined) return;
      timer = setInterval(() => {
        peakKiB = Math.max(peakKiB, highWaterKiB(pid));
      }, LOOK_MS);
    },
    stop: (): number => {
      clearInterval(timer);
      return peakKiB;
    },
  };
}

/** 0 for a process that has ended. */
function highWaterKiB(pid: string): number {
  try {
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

async function readAll(stream: NodeJS.ReadableStream | null, hear?: (text: string) => void): Promise<string> {
  let text = '';
  for await (const chunk of stream ?? []) {
    text += chunk.toString();
    hear?.(text);
  }
  return text;
}
