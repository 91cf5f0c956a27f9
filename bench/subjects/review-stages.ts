// Where a review spends its time: the stages of `seatrial diff HEAD~1 HEAD`, one after the other, each with its CPU time.
// Arguments: the repository, the snapshot, a folder for the cache of verdicts.

import { closeSync, openSync, readSync } from 'node:fs';
import { openWorkingRepository } from '@seatrial/controller/checkout';
import {
  changesOf,
  DEFAULT_POLICY,
  readSide,
  readSnapshot,
  renderReview,
  reviewChange,
} from '@seatrial/controller/review';
import { InvariantError, openDiskCache, systemClock } from '@seatrial/spec';

const [, , directory = '', observed = '', cacheFolder = ''] = process.argv;
const stages: Record<string, number> = {};
const lap = startLaps();

const repository = known(await openWorkingRepository(directory), 'repository');
const [base, head] = [
  known(await repository.resolve('HEAD~1'), 'base'),
  known(await repository.resolve('HEAD'), 'head'),
];
const [before, after] = await repository.files([base, head], '');
lap('read both trees from git');
const nowMs = systemClock.now();
const cache = openDiskCache(directory, cacheFolder);
lap('read the cache of verdicts');
const sides = {
  base: readSide({ files: known(before, 'base'), commit: base }, { nowMs, cache }),
  head: readSide({ files: known(after, 'head'), commit: head }, { nowMs, cache }),
};
cache.save();
lap('judge and resolve both sides');
const changes = known(changesOf(sides), 'valid head');
lap('find what the change touches');
const snapshot = readSnapshot(pieces(observed), changes.boards);
if (!snapshot.ok) throw new InvariantError(snapshot.error.join('; '));
lap('read the snapshot, decode the boards of the fleet');
const review = reviewChange({
  ...sides,
  changes,
  snapshot: snapshot.value,
  policy: DEFAULT_POLICY,
  nowMs,
  snapshotAge: 'same',
});
lap('preview the boards, forecast the rollout, warn');
const text = renderReview(review, { format: 'markdown' });
lap('write Markdown');
process.stdout.write(`${JSON.stringify({ stages, textBytes: text.length })}\n`);

/** CPU rather than time of day: the machine has other work. */
function startLaps(): (name: string) => void {
  let last = process.cpuUsage();
  return name => {
    const { user, system } = process.cpuUsage(last);
    last = process.cpuUsage();
    stages[name] = (user + system) / 1_000;
  };
}

function* pieces(path: string): Generator<Uint8Array> {
  const file = openSync(path, 'r');
  const piece = new Uint8Array(1024 * 1024);
  for (
    let count = readSync(file, piece, 0, piece.length, null);
    count > 0;
    count = readSync(file, piece, 0, piece.length, null)
  )
    yield piece.subarray(0, count);
  closeSync(file);
}

function known<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new InvariantError(`the change has no ${what}`);
  return value;
}
