import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { countResults, removeReports, summaryLine } from '../gate/reports.ts';
import { describeChanges } from '../gate/tree.ts';

let home = '';
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'seatrial-gate-'));
  mkdirSync(join(home, 'dist'));
  onTestFinished(() => rmSync(home, { recursive: true }));
});

function report(name: string, changes: object): string {
  const path = `dist/${name}.json`;
  const empty = { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0, testResults: [] };
  writeFileSync(join(home, path), JSON.stringify({ ...empty, ...changes }));
  return path;
}

describe('when the results of the gate are counted', () => {
  test('then they are the sums over all reports, and skipped ones are named only where there are any', () => {
    const one = report('one', { numPassedTests: 3, numFailedTests: 1 });
    const two = report('two', { numPassedTests: 4, numPendingTests: 1, numTodoTests: 1 });
    const count = (...reports: string[]) => summaryLine(countResults(home, [{ ok: false, reports }]));
    expect(count(one)).toBe('3 passed, 1 failed');
    expect(count(one, two)).toBe('7 passed, 1 failed, 2 skipped');
  });

  test('then a stage without tests that failed counts as one failure, and one that passed as nothing', () => {
    const results = [
      { ok: false, reports: [] },
      { ok: true, reports: [] },
    ];
    expect(countResults(home, results)).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });

  test('then a stage that failed although its tests passed counts as one failure', () => {
    const results = [{ ok: false, reports: [report('one', { numPassedTests: 3 })] }];
    expect(countResults(home, results)).toEqual({ passed: 3, failed: 1, skipped: 0 });
  });

  test('then a report that is missing is a failure, even where the stage says that it is well', () => {
    expect(countResults(home, [{ ok: true, reports: ['dist/none.json'] }]).failed).toBe(1);
  });

  test('then a file that did not load is a failure', () => {
    const testResults = [
      { status: 'failed', assertionResults: [] },
      { status: 'failed', assertionResults: [{}] },
    ];
    const results = [{ ok: false, reports: [report('one', { numFailedTests: 1, testResults })] }];
    expect(countResults(home, results).failed).toBe(2);
  });

  test('then nothing of an earlier run is left', () => {
    const reports = [report('one', { numPassedTests: 3 })];
    removeReports(home, reports);
    expect(countResults(home, [{ ok: true, reports }])).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });
});

describe('when the gate has run', () => {
  const change = (before: string[], after: string[], strict: boolean) => describeChanges({ before, after }, { strict });

  test('then what it changed is named, and what was changed before only in CI', () => {
    expect(change([' M a.ts'], [' M a.ts'], false)).toBeUndefined();
    expect(change([' M a.ts'], [' M a.ts', '?? b.ts'], false)).toContain('b.ts');
    expect(change([' M a.ts'], [' M a.ts'], true)).toContain('a.ts');
    expect(change([], [], true)).toBeUndefined();
  });

  test('then outside of a checkout there is nothing to say', () => {
    expect(describeChanges({ before: undefined, after: undefined }, { strict: true })).toBeUndefined();
  });
});
