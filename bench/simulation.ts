// How many board-updates one core can live through, whole fleets with all their messages, against deciding them alone.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Benchmark, Findings, Setting } from './benchmark.ts';
import { roundsOf } from './benchmark.ts';
import { subjectProgram } from './house.ts';
import { type Metric, measure, type Sample } from './measure.ts';

const ROUNDS = 3;

const METRICS = [
  { key: 'cpuMicros', label: 'CPU per board-update, µs', better: 'less' },
  { key: 'perSecond', label: 'board-updates per second', better: 'more' },
  { key: 'eventsEach', label: 'events each', better: 'less' },
] as const satisfies readonly Metric[];

/** What is run, and how much of it: board-updates, or boards of a campaign. */
const SUBJECTS: Readonly<Record<string, { kind: string; full: number; quick: number }>> = {
  'preview of an update': { kind: 'preview', full: 5_000, quick: 100 },
  'fleets of up to 3 boards, faults': { kind: 'small', full: 300, quick: 2 },
  'fleets of up to 24 boards, faults': { kind: 'large', full: 300, quick: 2 },
  'campaign of 125 boards': { kind: 'campaign', full: 125, quick: 4 },
  'campaign of 1,250 boards': { kind: 'campaign', full: 1_250, quick: 4 },
};

export const simulation: Benchmark = {
  name: 'simulation',
  title: 'Simulated fleets',
  about: `A simulated board-update is the product's own controller and agent at work, with every message signed, encoded, opened and judged, every journal written and read, all ten promises checked after each effect, and the days of heartbeats before and after.
The limit is \`decodeReport\` and \`preview\` of one board with that update before it: the decisions alone, once, with nothing of their world. The figures of the subjects that follow are those of one process on one core.`,
  run: runSimulation,
};

async function runSimulation(setting: Setting): Promise<Findings> {
  const comparison = await measure({
    title: 'Whole fleets in virtual time',
    metrics: METRICS,
    baseline: 'preview of an update',
    rounds: roundsOf(setting, ROUNDS),
    warmUps: 0,
    tell: setting.tell,
    subjects: Object.entries(SUBJECTS).map(([name, { kind, ...counts }]) => ({
      name,
      round: () => simulate(kind, counts[setting.size]),
    })),
  });
  return {
    comparisons: [comparison],
    notes: ['An event of a preview is a step; of a fleet, whatever virtual time had in store.'],
  };
}

const execute = promisify(execFile);

async function simulate(kind: string, count: number): Promise<Sample> {
  const { stdout } = await execute(process.execPath, [subjectProgram('simulate'), kind, String(count)]);
  return JSON.parse(stdout);
}
