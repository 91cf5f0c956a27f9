import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runCli } from './support/run-cli.ts';
import { directoryWith, FLEET, fleetCopy } from './support/workspace.ts';

const FLEETS = join(import.meta.dirname, '../../../fleets');

interface Verdict {
  readonly issues: readonly { readonly code: string; readonly severity: string; readonly file: string }[];
}
const issuesOf = (text: string) => (JSON.parse(text) as Verdict).issues; // the command's own documented shape

describe('when a fleet repository has no errors', () => {
  test.each([FLEET, FLEETS])('then validation of %s ends with 0, warnings or not', async directory => {
    const { code, out, err } = await runCli(['validate', directory, '-o', 'json']);
    expect(issuesOf(out).filter(({ severity }) => severity === 'error')).toEqual([]);
    expect({ code, err }).toEqual({ code: 0, err: '' });
  });

  test('then missing signatures are errors only where they are required', async () => {
    const lenient = await runCli(['validate', FLEET, '-o', 'json']);
    const strict = await runCli(['validate', FLEET, '-o', 'json', '--require-signatures']);
    expect([lenient.code, strict.code]).toEqual([0, 1]);
    expect(issuesOf(strict.out).map(({ code }) => code)).toEqual(issuesOf(lenient.out).map(({ code }) => code));
    expect(
      issuesOf(strict.out).some(({ code, severity }) => code === 'signature-missing' && severity === 'error'),
    ).toBe(true);
  });
});

describe('when a fleet repository has errors', () => {
  const BROKEN = {
    'boards/one.yaml': 'apiVersion: seatrial.dev/v1alpha1\nkind: Fleet\nmetadata:\n  name: one\nspec:\n  releas: x\n',
    'two.yaml': 'kind: [\n',
  };

  test('then it ends with 1 and names every one by code and place, relative to the directory', async () => {
    const { code, out } = await runCli(['validate', directoryWith(BROKEN), '--output', 'json']);
    const issues = issuesOf(out);
    expect(code).toBe(1);
    expect(new Set(issues.map(({ file }) => file))).toEqual(new Set(['boards/one.yaml', 'two.yaml']));
    expect(issues).toContainEqual(
      expect.objectContaining({ code: 'unknown-key', severity: 'error', file: 'boards/one.yaml', line: 6, column: 3 }),
    );
    for (const issue of issues) {
      expect(Object.keys(issue)).toEqual(['code', 'severity', 'file', 'line', 'column', 'message']);
    }
  });

  test('then people see the line with a caret under the place', async () => {
    const { code, out } = await runCli(['validate', directoryWith(BROKEN)]);
    expect(code).toBe(1);
    const lines = out.split('\n');
    const at = lines.findIndex(line => line.startsWith('boards/one.yaml:6:3 error unknown-key'));
    expect(lines[at + 2]).toBe('  6 |   releas: x');
    expect(lines[at + 3]).toBe('    |   ^');
  });
});

describe('when the directory can not be read', () => {
  test.each(['missing', 'tug-1.yaml'])('then %s ends with 2 and a code on standard error', async name => {
    const { code, out, err } = await runCli(['validate', join(fleetCopy(), name), '-o', 'json']);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(JSON.parse(err)).toMatchObject({ error: { code: 'directory-unreadable' } });
  });
});

test('when the review policy has a mistake, then it is reported where it stands', async () => {
  const root = fleetCopy();
  writeFileSync(
    join(root, 'seatrial.policy.yaml'),
    'apiVersion: seatrial.dev/v1alpha1\nkind: ReviewPolicy\nmetadata: { name: house }\nspec: { warnings: { downgrade: perhaps } }\n',
  );
  const { code, out } = await runCli(['validate', root, '-o', 'json']);
  expect(code).toBe(1);
  expect(issuesOf(out)).toContainEqual(
    expect.objectContaining({ file: 'seatrial.policy.yaml', line: 4, code: 'wrong-value' }),
  );
});
