// The diff of a million boards in two hundred fleets: all of it, one fleet, and one report; against objects and against JSON.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Benchmark, Findings, Setting } from './benchmark.ts';
import { roundsOf } from './benchmark.ts';
import { subjectProgram } from './house.ts';
import { type Metric, measure, type Sample } from './measure.ts';

const BOARDS = { full: 1_000_000, quick: 2_000 } as const;
const FLEETS = 200;
const ROUNDS = 5;

const METRICS = [
  { key: 'wholeMs', label: 'all boards, ms', better: 'less' },
  { key: 'fleetMs', label: 'one fleet, ms', better: 'less' },
  { key: 'reportMicros', label: 'one report, µs', better: 'less' },
  { key: 'memoryMiB', label: 'memory, MiB', better: 'less' },
] as const satisfies readonly Metric[];

export const diff: Benchmark = {
  name: 'diff',
  title: 'Diff of wanted and reported state',
  about: `The controller's own diff (\`diffAll\`, \`diffRows\`, \`diffBoard\` over typed columns) for ${BOARDS.full.toLocaleString('en-US')} boards in ${FLEETS} fleets, against the same question asked of one object per board, and of the JSON of both states.
The columns answer more than the others: ten standings, silence, deadlines and tries included. *All boards* is what a start costs, *one fleet* a merge, *one report* a message. Memory is what the boards occupy without their ids: the objects hold the two states and nothing else, the columns also plan, try, clocks and place in the rollout. One process per subject and round.`,
  run: runDiff,
};

async function runDiff(setting: Setting): Promise<Findings> {
  const comparison = await measure({
    title: `${BOARDS[setting.size].toLocaleString('en-US')} boards in ${FLEETS} fleets`,
    metrics: METRICS,
    baseline: 'objects',
    rounds: roundsOf(setting, ROUNDS),
    warmUps: setting.size === 'full' ? 1 : 0,
    tell: setting.tell,
    subjects: ['objects', 'JSON', 'columns'].map(name => ({ name, round: () => diffBy(name, BOARDS[setting.size]) })),
  });
  return { comparisons: [comparison] };
}

const execute = promisify(execFile);

async function diffBy(representation: string, boards: number): Promise<Sample> {
  const program = [subjectProgram('diff-boards'), representation, String(boards), String(FLEETS)];
  const { stdout } = await execute(process.execPath, ['--expose-gc', '--max-old-space-size=8192', ...program]);
  return JSON.parse(stdout);
}
