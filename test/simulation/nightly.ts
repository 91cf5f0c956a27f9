// A million board-updates with faults: every promise holds in each of them. Tells every minute how far it has come, each
// broken promise as it is found, and leaves a summary that says where and on what it ran.
//
//   node test/simulation/nightly.ts --updates 1000000 --workers 2 --from 1000000 --summary nightly.json
//   node test/simulation/nightly.ts --minutes 50       (as many as fit)

import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import type { SeedRan, Share } from './nightly-worker.ts';

const { values } = parseArgs({
  options: {
    updates: { type: 'string', default: '1000000' },
    workers: { type: 'string', default: '1' },
    from: { type: 'string', default: '1000000' },
    minutes: { type: 'string' },
    summary: { type: 'string' },
  },
});

/** So many broken promises are told in full; of the others the seed is. */
const MOST_STORIES = 5;
const PROGRESS_MS = 60_000;

const [wanted, workers, from] = [Number(values.updates), Number(values.workers), Number(values.from)];
const beganMs = Date.now();
const untilMs = values.minutes === undefined ? Number.MAX_SAFE_INTEGER : beganMs + Number(values.minutes) * 60_000;
const updates = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);

const total = { fleets: 0, boardUpdates: 0, faults: 0, events: 0, virtualDays: 0, lastSeed: from };
/** Seeds that break a promise. */
const broken: number[] = [];

function take({ seed, boardUpdates, events, virtualMs, faults, story }: SeedRan): void {
  total.fleets += 1;
  total.boardUpdates += boardUpdates;
  total.faults += faults;
  total.events += events;
  total.virtualDays += virtualMs / 86_400_000;
  total.lastSeed = Math.max(total.lastSeed, seed);
  if (story === undefined) return;
  broken.push(seed);
  console.info(broken.length <= MOST_STORIES ? `\n${story}\n` : `seed ${seed} breaks a promise as well`);
}

const secondsSoFar = (): number => (Date.now() - beganMs) / 1_000;

function progress(): string {
  const { fleets, boardUpdates, faults, events, virtualDays, lastSeed } = total;
  const each = boardUpdates / secondsSoFar();
  return [
    new Date().toISOString(),
    `seeds ${from} to ${lastSeed}: ${fleets} fleets, ${boardUpdates} of ${wanted} board-updates, ${faults} faults,`,
    `${events} events, ${virtualDays.toFixed(0)} virtual days, ${each.toFixed(1)} board-updates a second,`,
    `${broken.length} broken promises`,
  ].join(' ');
}

const share = (worker: number): Share => ({ firstSeed: from + worker, step: workers, updates, wanted, untilMs });

const ended = (worker: Worker): Promise<void> =>
  new Promise((resolve, reject) => {
    worker.on('message', take);
    worker.on('error', reject);
    worker.on('exit', code => (code === 0 ? resolve() : reject(new Error(`a worker ended with ${code}`))));
  });

const git = (...args: string[]): string => execFileSync('git', args, { encoding: 'utf8' }).trim();

function machine() {
  const isClean = git('status', '--porcelain', '--untracked-files=no') === '';
  return {
    commit: `${git('rev-parse', '--short=12', 'HEAD')}${isClean ? '' : '+'}`,
    node: process.version,
    cpu: cpus()[0]?.model.trim(),
    cores: cpus().length,
    load: Number(loadavg()[0]?.toFixed(1)),
  };
}

const told = setInterval(() => console.info(progress()), PROGRESS_MS);
await Promise.all(
  Array.from({ length: workers }, (_, worker) =>
    ended(new Worker(new URL('./nightly-worker.ts', import.meta.url), { workerData: share(worker) })),
  ),
);
clearInterval(told);
console.info(progress());

const summary = {
  date: new Date(beganMs).toISOString(),
  ...machine(),
  workers,
  firstSeed: from,
  wanted,
  ...total,
  virtualDays: Math.round(total.virtualDays),
  broken,
  seconds: Math.round(secondsSoFar()),
  boardUpdatesPerSecond: Number((total.boardUpdates / secondsSoFar()).toFixed(1)),
};
console.info(JSON.stringify(summary, undefined, 2));
if (values.summary !== undefined) writeFileSync(values.summary, `${JSON.stringify(summary, undefined, 2)}\n`);
process.exitCode = broken.length === 0 ? 0 : 1;
