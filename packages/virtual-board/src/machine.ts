// What the stages of a board's life share: where it lies, what it is told to do wrong, and whom it tells.

import { appendFileSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { BoardEvent, BoardEvents } from './board-events.ts';
import type { BoardPaths } from './board-paths.ts';
import type { SystemCallCut } from './faults/board-fault.ts';
import type { StorageFaults } from './faults/storage-faults.ts';
import type { CapsuleVerifier } from './firmware/capsule-verifier.ts';
import { tellFirmwareEvent } from './firmware/events.ts';
import { packageDirectory } from './package-directory.ts';

export interface BoardTiming {
  /** From reset to the boot loader. */
  readonly firmwareMs: number;
  /** From the boot loader to the agent's start. */
  readonly kernelMs: number;
  /** How long a dead OS keeps the board before the watchdog resets it. */
  readonly watchdogMs: number;
  /** RestartSec of the agent's unit. */
  readonly agentRestartMs: number;
  /** TimeoutStopSec of the agent's unit. */
  readonly agentStopMs: number;
  readonly maxStartsPerMinute: number;
}

export const DEFAULT_TIMING: BoardTiming = {
  firmwareMs: 20,
  kernelMs: 30,
  watchdogMs: 250,
  agentRestartMs: 500,
  agentStopMs: 5_000,
  maxStartsPerMinute: 60,
};

/** Which process the OS runs as its reconciler. */
export interface AgentSetup {
  /** Program and arguments. */
  readonly command: (paths: BoardPaths) => readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** The agent as it is shipped, on this machine's Node. */
export const BUNDLED_AGENT: AgentSetup = {
  command: ({ agentConfig }) => [
    process.execPath,
    join(packageDirectory(), '../device-reconciler/dist/bundle/agent.js'),
    '--config',
    agentConfig,
  ],
};

export interface Machine {
  readonly paths: BoardPaths;
  readonly agent: AgentSetup;
  readonly verifyCapsule: CapsuleVerifier;
  readonly timing: BoardTiming;
  readonly events: BoardEvents;
  readonly storageFaults: StorageFaults;
  /** Moments at which the firmware started, oldest first. */
  readonly startsAtMs: number[];
  loaderIgnoresExhaustion: boolean;
  systemCallCut: SystemCallCut | undefined;
}

/** Tells the listeners, and the console log in words. */
export function tell({ events, paths }: Machine, event: BoardEvent): void {
  const line = consoleLine(event);
  if (line !== undefined) writeConsole(paths, line);
  events.tell(event);
}

function writeConsole({ consoleLog }: BoardPaths, line: string): void {
  mkdirSync(dirname(consoleLog), { recursive: true });
  appendFileSync(consoleLog, `${new Date().toISOString()} ${line}\n`);
}

/** The agent's own lines have a log of their own. */
function consoleLine(event: BoardEvent): string | undefined {
  if (event.kind === 'agent-output') return undefined;
  if (event.kind === 'firmware-acted') return `firmware: ${tellFirmwareEvent(event.action)}`;
  const { kind, ...details } = event;
  return [kind, ...Object.entries(details).map(([name, value]) => `${name}=${value}`)].join(' ');
}
