// The memory that an idle, converged, connected agent keeps from everybody else, against a Node process that does nothing.

import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Benchmark, Findings, Setting } from './benchmark.ts';
import { roundsOf } from './benchmark.ts';
import { type AgentLaunch, PLAIN_LAUNCH, unitLaunch } from './board/agent-unit.ts';
import { type BoardNode, boardNode } from './board/board-node.ts';
import { startConvergedBoard } from './board/converged-board.ts';
import { type Comparison, type Metric, measure, type Sample } from './measure.ts';

const METRICS = [
  { key: 'privateDirtyMiB', label: 'private dirty, MiB', better: 'less' },
  { key: 'pssMiB', label: 'PSS, MiB', better: 'less' },
  { key: 'rssMiB', label: 'RSS, MiB', better: 'less' },
] as const satisfies readonly Metric[];

const ROUNDS = 3;
const IDLE_MS = { full: 20_000, quick: 200 } as const;

export const agentMemory: Benchmark = {
  name: 'agent-memory',
  title: 'Memory of the idle agent',
  about: `The bundled agent on a converged virtual board with a plan accepted, all intervals at their defaults, connected to mosquitto, after ${IDLE_MS.full / 1_000} s of rest; against an empty process of the same Node.
The unit of systemd gives Node and the C library settings that keep the heap small.
From \`/proc/PID/smaps_rollup\`. *Private dirty* is what nobody shares and the kernel can not take back: what the agent costs a board. RSS counts Node's own binary too, which the page cache can drop.`,
  run: runAgentMemory,
};

async function runAgentMemory(setting: Setting): Promise<Findings> {
  const nodes = [boardNode(), { program: process.execPath, version: process.version }];
  const distinct = nodes.filter(({ version }, index) => nodes.findIndex(other => other.version === version) === index);
  const chosen = setting.size === 'full' ? distinct : distinct.slice(0, 1);
  const comparisons: Comparison[] = [];
  for (const node of chosen) comparisons.push(await compareOn(node, setting));
  return { comparisons };
}

const compareOn = ({ program, version }: BoardNode, setting: Setting): Promise<Comparison> =>
  measure({
    title: `Node ${version}`,
    metrics: METRICS,
    baseline: 'empty Node process',
    rounds: roundsOf(setting, ROUNDS),
    warmUps: 0,
    tell: setting.tell,
    subjects: [
      { name: 'empty Node process', round: () => emptyProcess(program, setting) },
      { name: 'agent, as its unit starts it', round: () => idleAgent(program, unitLaunch(), setting) },
      { name: 'agent, without the flags of the unit', round: () => idleAgent(program, PLAIN_LAUNCH, setting) },
    ],
  });

async function emptyProcess(node: string, { size }: Setting): Promise<Sample> {
  const child = spawn(node, ['-e', 'setInterval(() => undefined, 2 ** 30)'], { stdio: 'ignore' });
  try {
    await sleep(IDLE_MS[size]);
    return memoryOf(child.pid);
  } finally {
    child.kill('SIGKILL');
  }
}

async function idleAgent(node: string, launch: AgentLaunch, { size, directory }: Setting): Promise<Sample> {
  const board = await startConvergedBoard({ directory: mkdtempSync(join(directory, 'board-')), node, launch });
  try {
    await sleep(IDLE_MS[size]);
    return memoryOf(board.agentPid);
  } finally {
    await board.stop();
  }
}

function memoryOf(pid: number | undefined): Sample {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1');
  const mebibytes = (field: string): number =>
    Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(rollup)?.[1]) / 1_024;
  return { privateDirtyMiB: mebibytes('Private_Dirty'), pssMiB: mebibytes('Pss'), rssMiB: mebibytes('Rss') };
}
