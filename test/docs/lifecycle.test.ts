// docs/lifecycle.md says what the code does: the copied matrix, the reasons to wait and the reasons for failure.

import { capsuleOutcome, FAILURE_REASONS, isBlocked, STEP_KINDS, WAIT_REASONS } from '@seatrial/capsule-plan';
import { coupledTrialBoots, firmwareVersion, TRIAL_BOOTS_MAX } from '@seatrial/spec';
import { describe, expect, test } from 'vitest';
import { partOf, readHouse, rowsOf } from './page-parts.ts';

const PAGE = readHouse('docs/lifecycle.md');

/** The words of the table on the ESRT, as numbers that fit them. */
const WORDS: Readonly<Record<string, number>> = { '0': 0, 'not 0': 5, old: 1, target: 2, another: 3, any: 9 };
const version = (word = '') => firmwareVersion(WORDS[word] ?? Number.NaN);

describe('when the life of an update is read', () => {
  test('then the matrix is the one that the rules are held to', () => {
    expect(partOf(PAGE, 'outcome-matrix')).toBe(readHouse('docs/generated/outcome-matrix.md').trim());
  });

  test('then the diagram is that of the machine', () => {
    const machine = readHouse('docs/generated/lifecycle-machine.mmd').trim();
    expect(partOf(PAGE, 'lifecycle-machine')).toBe(`\`\`\`mermaid\n${machine}\n\`\`\``);
  });

  test('then every reason to wait stands there once, with whether it passes by itself', () => {
    const rows = rowsOf(partOf(PAGE, 'wait-reasons')).map(([reason, passes]) => [reason, passes]);
    expect(rows).toEqual(WAIT_REASONS.map(reason => [reason, isBlocked(reason) ? 'somebody acts' : 'by itself']));
  });

  test('then every way to fail stands there once', () => {
    const reasons = rowsOf(partOf(PAGE, 'failure-reasons')).map(([reason]) => reason);
    expect(reasons).toEqual(Object.keys(FAILURE_REASONS));
  });

  test('then every step that a board takes is told of', () => {
    expect(STEP_KINDS.filter(kind => kind !== 'wait' && !PAGE.includes(`\`${kind}\``))).toEqual([]);
  });

  test.each(rowsOf(partOf(PAGE, 'esrt-rows')))(
    'then a row of %s, %s, %s is read as %s',
    (fw, attempt, status, outcome) => {
      const before = { fwVersion: version('old'), lastAttemptVersion: firmwareVersion(7), lastAttemptStatus: 7 };
      const lastAttemptStatus = WORDS[status ?? ''] ?? Number.NaN;
      const after = { fwVersion: version(fw), lastAttemptVersion: version(attempt), lastAttemptStatus };
      expect(capsuleOutcome(after, { before, target: version('target'), consumed: true })).toBe(outcome);
    },
  );

  test('then its arithmetic is that of the code', () => {
    expect(PAGE).toContain(`With the usual three tries that is ${coupledTrialBoots(3)}.`);
    expect(PAGE).toContain(`at most ${TRIAL_BOOTS_MAX} can be asked for`);
    expect(coupledTrialBoots(12)).toBeLessThanOrEqual(TRIAL_BOOTS_MAX);
    expect(coupledTrialBoots(13)).toBeGreaterThan(TRIAL_BOOTS_MAX);
  });
});
