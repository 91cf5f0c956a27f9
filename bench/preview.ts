// How many boards a pull request's check can preview, and how many reports a controller can judge, against parsing their JSON.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Benchmark, Findings, Setting } from './benchmark.ts';
import { roundsOf } from './benchmark.ts';
import type { BoardState } from './fleet/board-reports.ts';
import { subjectProgram } from './house.ts';
import { type Comparison, type Metric, measure, type Sample } from './measure.ts';

const BOARDS = { full: 20_000, quick: 200 } as const;
const ROUNDS = 7;

const METRICS = [
  { key: 'cpuMicros', label: 'CPU per board, µs', better: 'less' },
  { key: 'perSecond', label: 'boards per second', better: 'more' },
] as const satisfies readonly Metric[];

export const previewAndJudge: Benchmark = {
  name: 'preview',
  title: 'Previews and verdicts',
  about: `A check of a pull request previews every board from its last report; a controller judges every report from its evidence. Both run the decisions of the board itself.
The limit is \`JSON.parse\` of the same report, without which nothing could be decided; \`decodeReport\` also checks every field. ${BOARDS.full.toLocaleString('en-US')} boards of twenty fleets, in one process per subject and round, on one core.`,
  run: runPreview,
};

async function runPreview(setting: Setting): Promise<Findings> {
  const states = ['converged', 'update to do'] as const;
  const comparisons: Comparison[] = [];
  for (const state of states) comparisons.push(await compareIn(state, setting));
  const bytes = await decide({ work: 'parse', state: 'converged', boards: 10 });
  const steps = await decide({ work: 'preview', state: 'update to do', boards: 10 });
  return {
    comparisons,
    notes: [
      `A report of a board at rest has ${bytes['messageBytes']} bytes.`,
      `The preview of the update has ${steps['yieldPerBoard']} steps, waits for the window included.`,
    ],
  };
}

const WORKS: Readonly<Record<string, string>> = {
  'JSON.parse of the report': 'parse',
  decodeReport: 'decode',
  judgeReport: 'judge',
  preview: 'preview',
};

const compareIn = (state: BoardState, setting: Setting): Promise<Comparison> =>
  measure({
    title: state === 'converged' ? 'Boards at rest' : 'Boards with a whole update before them',
    metrics: METRICS,
    baseline: 'JSON.parse of the report',
    rounds: roundsOf(setting, ROUNDS),
    warmUps: setting.size === 'full' ? 1 : 0,
    tell: setting.tell,
    subjects: Object.entries(WORKS).map(([name, work]) => ({
      name,
      round: () => decide({ work, state, boards: BOARDS[setting.size] }),
    })),
  });

const execute = promisify(execFile);

async function decide({ work, state, boards }: { work: string; state: BoardState; boards: number }): Promise<Sample> {
  const { stdout } = await execute(process.execPath, [subjectProgram('decide'), work, state, String(boards)]);
  return JSON.parse(stdout);
}
