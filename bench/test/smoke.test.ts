// Every benchmark still works: it runs small, each subject is measured, and what is counted instead of timed is as it must be.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Benchmark, Findings } from '../benchmark.ts';
import { BENCHMARKS } from '../benchmarks.ts';
import { convergedWrites } from '../converged-writes.ts';

const MINUTE_MS = 60_000;
const others = BENCHMARKS.filter(benchmark => benchmark !== convergedWrites);

test.each(others.map(benchmark => [benchmark.name, benchmark] as const))(
  'when %s runs small, then each of its subjects has figures',
  async (_name, benchmark) => {
    const { comparisons } = await runSmall(benchmark);
    expect(comparisons.length).toBeGreaterThan(0);
    for (const { rows, metrics, baseline } of comparisons) {
      expect(rows.map(({ subject }) => subject)).toContain(baseline);
      const figures = rows.flatMap(({ samples }) => samples.flatMap(sample => metrics.map(({ key }) => sample[key])));
      expect(figures.length).toBeGreaterThanOrEqual(rows.length * metrics.length);
      // The kernel counts CPU time in ticks, so that a small subject may have used none of it.
      expect(figures.filter(figure => figure === undefined || !(figure >= 0))).toEqual([]);
      for (const { samples } of rows)
        expect(samples.some(sample => metrics.some(({ key }) => (sample[key] ?? 0) > 0))).toBe(true);
    }
  },
  MINUTE_MS * 2,
);

test.skipIf(!hasStrace())(
  'when a converged board is watched, then it writes nothing that lasts',
  async () => {
    const { listings = [] } = await runSmall(convergedWrites);
    const [changes] = listings;
    expect(changes?.rows[0]).toEqual(['persistent', 0, 0]);
  },
  MINUTE_MS,
);

function runSmall(benchmark: Benchmark): Promise<Findings> {
  const directory = mkdtempSync(join(tmpdir(), `seatrial-bench-${benchmark.name}-`));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return benchmark.run({ size: 'quick', directory, tell: () => undefined });
}

function hasStrace(): boolean {
  try {
    execFileSync('strace', ['-o', '/dev/null', 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
