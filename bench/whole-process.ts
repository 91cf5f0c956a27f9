// Measures a program from its start to its end, as whoever calls it pays for it. Starts it through bash, which knows what
// its children used, and looks at VmHWM and RssAnon in /proc/PID/status while it runs.

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
  /** 0 unless another one is the answer that is expected. */
  readonly exitCode?: number;
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

/**
 * Runs a command line to its end: user and system time, wall clock, peak resident memory, and how much of that was seen to
 * be its own. Fails unless it exits as expected.
 */
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
  if (code !== (options.exitCode ?? 0)) throw new Error(`${command.join(' ')} exited with ${code}: ${complaint}`);
  return { ...readAccounts(told), ...peak.stop() };
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

/** The mark only rises, so that the last look before the end has missed little. */
function watchPeak() {
  let peak = { residentKiB: 0, privateKiB: 0 };
  let timer: NodeJS.Timeout | undefined;
  return {
    look: (told: string): void => {
      const pid = /^(\d+)\n/.exec(told)?.[1];
      if (pid === undefined || timer !== undefined) return;
      timer = setInterval(() => {
        const seen = memoryOf(pid);
        peak = {
          residentKiB: Math.max(peak.residentKiB, seen.residentKiB),
          privateKiB: Math.max(peak.privateKiB, seen.privateKiB),
        };
      }, LOOK_MS);
    },
    stop: () => {
      clearInterval(timer);
      return { peakRssMiB: peak.residentKiB / 1_024, peakPrivateMiB: peak.privateKiB / 1_024 };
    },
  };
}

/** Zeros for a process that has ended. Private is what no file stands behind: without the code of the program itself. */
function memoryOf(pid: string): { readonly residentKiB: number; readonly privateKiB: number } {
  const status = statusOf(pid);
  const figure = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1] ?? 0);
  return { residentKiB: figure('VmHWM'), privateKiB: figure('RssAnon') };
}

function statusOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'latin1');
  } catch {
    return '';
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
