// The agent as a process of its own, in a process group of its own. A power cut takes it and all that it started.
// Spawns the given command (through setpriv where there is one, so that it never outlives this process); appends to log/agent.log.

import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, existsSync, type WriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { killBoardProcesses } from './board-processes.ts';

const SETPRIV = '/usr/bin/setpriv';

export interface AgentExit {
  readonly code: number | undefined;
  readonly signal: NodeJS.Signals | undefined;
}

export interface AgentOptions {
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly workingDirectory: string;
  /** The root of the board whose processes end with the agent. */
  readonly boardRoot: string;
  readonly logFile: string;
  readonly onLine: (line: string) => void;
}

/** A started agent. When `exited` settles it is gone, with everything that it started. */
export interface AgentProcess {
  readonly pid: number | undefined;
  readonly exited: Promise<AgentExit>;
  /** SIGKILL to every process of the board, as the end of power is. */
  kill(): void;
  /** SIGTERM, then SIGKILL after `graceMs`, as systemd stops a service. */
  terminate(graceMs: number): Promise<AgentExit>;
}

export function startAgent(options: AgentOptions): AgentProcess {
  const child = spawnInGroup(options);
  const log = createWriteStream(options.logFile, { flags: 'a' });
  for (const stream of [child.stdout, child.stderr]) {
    if (stream !== null) createInterface({ input: stream }).on('line', line => writeLine(log, line, options.onLine));
  }
  const kill = (): void => {
    signalGroup(child, 'SIGKILL');
    killBoardProcesses(options.boardRoot);
  };
  endWithThisProcess(kill);
  const exited = exitOf(child).finally(() => {
    kill();
    forgetEnd(kill);
    log.end();
  });
  return { pid: child.pid, exited, kill, terminate: graceMs => terminate(child, exited, graceMs) };
}

/** What is left to kill when this process ends, for all boards together. */
const ENDS = new Set<() => void>();

const endAll = (): void => {
  for (const end of ENDS) end();
};

function endWithThisProcess(kill: () => void): void {
  if (ENDS.size === 0) process.once('exit', endAll);
  ENDS.add(kill);
}

function forgetEnd(kill: () => void): void {
  ENDS.delete(kill);
  if (ENDS.size === 0) process.removeListener('exit', endAll);
}

function spawnInGroup({ command, environment, workingDirectory }: AgentOptions): ChildProcess {
  const [program = 'false', ...args] = existsSync(SETPRIV)
    ? [SETPRIV, '--pdeathsig', 'KILL', '--', ...command]
    : command;
  return spawn(program, args, {
    cwd: workingDirectory,
    env: { ...process.env, ...environment },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** An agent that can not even be started has exited with 127, as a shell would say. */
const exitOf = (child: ChildProcess): Promise<AgentExit> =>
  new Promise(resolve => {
    child.once('error', () => resolve({ code: 127, signal: undefined }));
    child.once('exit', (code, signal) => resolve({ code: code ?? undefined, signal: signal ?? undefined }));
  });

async function terminate(child: ChildProcess, exited: Promise<AgentExit>, graceMs: number): Promise<AgentExit> {
  signalGroup(child, 'SIGTERM');
  const timer = setTimeout(() => signalGroup(child, 'SIGKILL'), graceMs);
  const exit = await exited;
  clearTimeout(timer);
  return exit;
}

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // The group is gone already, which is what was wanted.
  }
}

function writeLine(log: WriteStream, line: string, onLine: (line: string) => void): void {
  if (!log.writableEnded) log.write(`${line}\n`);
  onLine(line);
}
