// What an idle, converged agent writes to its board's disk and to its firmware's variables: every system call is watched.

import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Benchmark, Findings, Listing, Setting } from './benchmark.ts';
import { boardNode } from './board/board-node.ts';
import { type ConvergedBoard, startConvergedBoard } from './board/converged-board.ts';
import { changedFile, readSystemCalls, type SystemCall } from './board/system-calls.ts';

const WATCHED_MS = { full: 180_000, quick: 3_000 } as const;
const HEARTBEAT = '1s';
const DEFAULT_HEARTBEATS_PER_HOUR = 4;
const MOST_CALLS_SHOWN = 15;
const MOST_EXPLAINED = 4_000;

export const convergedWrites: Benchmark = {
  name: 'converged-writes',
  title: 'What a converged board writes',
  about: `The bundled agent on a converged virtual board, connected to mosquitto, under \`strace -f\` for ${WATCHED_MS.full / 60_000} minutes, with a heartbeat every second in place of every quarter of an hour: at each it looks at the whole board and reports.
*Persistent* is whatever outlives a reboot: every file below the board's root, and every EFI variable, but not \`/run\` and \`/proc\`, which are memory. None may be written.`,
  run: runConvergedWrites,
};

async function runConvergedWrites({ size, directory, tell }: Setting): Promise<Findings> {
  const log = join(directory, 'strace.log');
  const board = await startConvergedBoard({
    directory,
    node: boardNode().program,
    wrapper: ['strace', '-f', '-y', '-qq', '-o', log],
    intervals: { poll: '1s', heartbeat: HEARTBEAT },
  });
  try {
    tell(`watching for ${WATCHED_MS[size] / 1_000} s`);
    const [reports, begin] = [board.reports(), readFileSync(log).length];
    await sleep(WATCHED_MS[size]);
    const calls = readSystemCalls(readFileSync(log).subarray(begin).toString('utf8'));
    const heartbeats = board.reports() - reports;
    return describe(calls, { heartbeats, isVolatile: volatileOn(board), explain: () => whatItSays(board) });
  } finally {
    await board.stop();
  }
}

/** What is memory on a board is a directory on a virtual one. */
const volatileOn =
  ({ paths: { root } }: ConvergedBoard) =>
  (file: string): boolean =>
    ['run', 'proc'].some(folder => file.startsWith(`${join(root, folder)}/`)) || file.startsWith('/dev/');

/** What the agent remembers and has said: asked only when it wrote what it should not have. */
const whatItSays = ({ paths }: ConvergedBoard): readonly string[] =>
  [join(paths.agentState, 'journal.json'), paths.agentLog, paths.consoleLog].map(file =>
    existsSync(file)
      ? `${basename(file)}: ${readFileSync(file, 'utf8').slice(-MOST_EXPLAINED)}`
      : `no ${basename(file)}`,
  );

interface Watched {
  readonly heartbeats: number;
  readonly isVolatile: (file: string) => boolean;
  readonly explain: () => readonly string[];
}

function describe(calls: readonly SystemCall[], { heartbeats, isVolatile, explain }: Watched): Findings {
  if (calls.length === 0 || heartbeats === 0) throw new Error('strace saw nothing, or the agent did nothing');
  const changes = calls
    .flatMap(call => ({ call: call.name, file: changedFile(call) ?? '' }))
    .filter(({ file }) => file);
  const persistent = changes.filter(({ file }) => !isVolatile(file));
  const hours = heartbeats / DEFAULT_HEARTBEATS_PER_HOUR;
  return {
    comparisons: [],
    listings: [
      {
        title: 'Calls that change a file',
        columns: ['', 'count', 'per heartbeat'],
        rows: [
          ['persistent', persistent.length, persistent.length / heartbeats],
          ['in memory (`/run`)', changes.length - persistent.length, (changes.length - persistent.length) / heartbeats],
        ],
      },
      callSummary(calls, heartbeats),
    ],
    notes: [
      `${heartbeats} heartbeats were watched: as many as a board has in ${hours} hours.`,
      ...persistent.slice(0, 10).map(({ call, file }) => `persistent: ${call} ${file}`),
      ...(persistent.length === 0 ? [] : explain()),
    ],
  };
}

function callSummary(calls: readonly SystemCall[], heartbeats: number): Listing {
  const counts = new Map<string, number>();
  for (const { name } of calls) counts.set(name, (counts.get(name) ?? 0) + 1);
  const sorted = [...counts].sort(([, a], [, b]) => b - a);
  const rest = sorted.slice(MOST_CALLS_SHOWN).reduce((sum, [, count]) => sum + count, 0);
  const rows = [...sorted.slice(0, MOST_CALLS_SHOWN), ['all others', rest] as const, ['all', calls.length] as const];
  return {
    title: 'System calls',
    columns: ['', 'count', 'per heartbeat'],
    rows: rows.map(([name, count]) => [name, count, count / heartbeats]),
  };
}
