// Counts test results from the reports that vitest wrote, or that turbo restored from its cache.

import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { StageResult } from './run-stage.ts';

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** The members of vitest's JSON report that are counted. */
interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly { readonly status: string; readonly assertionResults: readonly unknown[] }[];
}

/** Nothing of an earlier run may be counted. */
export function removeReports(home: string, reports: readonly string[]): void {
  for (const file of reports) rmSync(join(home, file), { force: true });
}

/** A failed stage whose reports show no failure counts as one, as does every report that is missing. */
export const countResults = (home: string, results: readonly Pick<StageResult, 'ok' | 'reports'>[]): Counts =>
  sum(
    results.map(({ ok, reports }) => {
      const counts = sum(reports.map(file => countReport(join(home, file))));
      return ok || counts.failed > 0 ? counts : { ...counts, failed: 1 };
    }),
  );

/** `1140 passed, 0 failed`, and what was skipped where anything was: the last line of the gate. */
export const summaryLine = ({ passed, failed, skipped }: Counts): string =>
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;

function countReport(path: string): Counts {
  if (!existsSync(path)) return { passed: 0, failed: 1, skipped: 0 };
  const report = JSON.parse(readFileSync(path, 'utf8')) as Report; // written by vitest
  // A file that does not even load has no tests that could fail.
  const crashed = report.testResults.filter(file => file.status === 'failed' && file.assertionResults.length === 0);
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + crashed.length,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

const sum = (counts: readonly Counts[]): Counts =>
  counts.reduce(
    (total, { passed, failed, skipped }) => ({
      passed: total.passed + passed,
      failed: total.failed + failed,
      skipped: total.skipped + skipped,
    }),
    { passed: 0, failed: 0, skipped: 0 },
  );
