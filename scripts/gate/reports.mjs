// Counts test results from the reports that vitest wrote, or that turbo restored from its cache.

import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { HOME } from '../setup/run.mjs';
import { STAGES } from './stages.mjs';

/** Nothing of an earlier run may be counted. */
export function removeReports() {
  for (const file of STAGES.flatMap(({ reports = [] }) => reports)) rmSync(join(HOME, file), { force: true });
}

/** A failed stage whose reports show no failed test counts as one failure, as does each report that is missing. */
export function countReports(results) {
  const stages = results.map(({ ok, reports }) => {
    const counts = sum(reports.map(file => countReport(join(HOME, file))));
    return { ...counts, failed: ok || counts.failed > 0 ? counts.failed : 1 };
  });
  return sum(stages);
}

function countReport(path) {
  if (!existsSync(path)) return { passed: 0, failed: 1, skipped: 0 };
  const report = JSON.parse(readFileSync(path, 'utf8'));
  const crashed = report.testResults.filter(file => file.status === 'failed' && file.assertionResults.length === 0);
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + crashed.length,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

const sum = counts =>
  counts.reduce(
    (total, each) => ({
      passed: total.passed + each.passed,
      failed: total.failed + each.failed,
      skipped: total.skipped + each.skipped,
    }),
    { passed: 0, failed: 0, skipped: 0 },
  );
