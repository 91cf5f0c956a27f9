// The review of a change to one fleet of a large house, as a whole process, against parsing the snapshot and nothing more.

import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Benchmark, Findings, Listing, Setting } from './benchmark.ts';
import { roundsOf } from './benchmark.ts';
import { FULL_CHANGE, QUICK_CHANGE, type WrittenChange, writeChange } from './fleet/change.ts';
import { HOUSE, subjectProgram } from './house.ts';
import { measure } from './measure.ts';
import { PROCESS_METRICS, runNode } from './whole-process.ts';

const SEATRIAL = join(HOUSE, 'packages/cli/bin/seatrial.js');
const ROUNDS = 5;
const BOARDS = FULL_CHANGE.fleets * FULL_CHANGE.boardsPerFleet;
/** The answer of `seatrial diff` where there are changes. */
const CHANGES = 1;

export const review: Benchmark = {
  name: 'review',
  title: 'Review of a pull request',
  about: `\`seatrial diff HEAD~1 HEAD\` over a git repository of ${FULL_CHANGE.fleets} fleets and ${BOARDS.toLocaleString('en-US')} boards in which one fleet of ${FULL_CHANGE.boardsPerFleet} gets another release, with a snapshot of all boards, from its start to its end, against a program that hands the same snapshot to \`JSON.parse\`.
A review reads both trees through git, judges and resolves both sides, walks over the boards of both, reads the snapshot line by line, and previews the boards of the fleet that changed.
*Cold* has no cache and parses every file; *cached* finds the verdicts on all files on disk, as a pipeline that keeps \`~/.cache/seatrial\` does.`,
  run: runReview,
};

async function runReview(setting: Setting): Promise<Findings> {
  const size = setting.size === 'full' ? FULL_CHANGE : QUICK_CHANGE;
  const change = writeChange(setting.directory, size);
  const caches = join(setting.directory, 'cache');
  const comparison = await measure({
    title: `${(size.fleets * size.boardsPerFleet).toLocaleString('en-US')} boards, whole process`,
    metrics: PROCESS_METRICS,
    baseline: 'JSON.parse of the snapshot',
    rounds: roundsOf(setting, ROUNDS),
    tell: setting.tell,
    subjects: [
      { name: 'JSON.parse of the snapshot', round: () => runNode([subjectProgram('bare-json'), change.snapshot]) },
      { name: 'seatrial diff, cold', round: () => coldDiff(change, join(caches, 'cold')) },
      { name: 'seatrial diff, cached', round: () => diffOnce(change, join(caches, 'kept')) },
    ],
  });
  return { comparisons: [comparison], listings: [await stagesOf(change, join(caches, 'kept-stages'))] };
}

function coldDiff(change: WrittenChange, cacheFolder: string) {
  rmSync(cacheFolder, { recursive: true, force: true });
  return diffOnce(change, cacheFolder);
}

const diffOnce = ({ repository, snapshot }: WrittenChange, cacheFolder: string) =>
  runNode([SEATRIAL, 'diff', 'HEAD~1', 'HEAD', '--observed', snapshot, '-o', 'markdown'], {
    environment: { XDG_CACHE_HOME: cacheFolder },
    workingDirectory: repository,
    exitCode: CHANGES,
  });

const execute = promisify(execFile);

/** The second run: the first fills the cache. */
async function stagesOf({ repository, snapshot }: WrittenChange, cacheFolder: string): Promise<Listing> {
  const command = [subjectProgram('review-stages'), repository, snapshot, cacheFolder];
  await execute(process.execPath, command);
  const { stdout } = await execute(process.execPath, command);
  const { stages } = JSON.parse(stdout) as { stages: Readonly<Record<string, number>> };
  const rows = Object.entries(stages).map(([name, cpuMs]) => [name, Math.round(cpuMs)] as const);
  return { title: 'Where the time goes, cached, CPU in ms of one run', columns: ['stage', 'ms'], rows };
}
