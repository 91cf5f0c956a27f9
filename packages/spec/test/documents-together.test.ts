// Several documents that are fine alone: doubles, broken neighbours, boards without a trial, and the passing of time.

import { describe, expect, test } from 'vitest';
import { millis, parseTimestamp } from '../src/index.ts';
import { validateFiles } from '../src/validate-files.ts';
import { EXAMPLES, example, examplesWith } from './examples.ts';
import { issuesWith } from './issues-with.ts';

const FLEET = 'field/fleet.yaml';
const LIST = 'field/devices-na.yaml';
const APPROVAL = 'field/approval-2026.11.0.yaml';
const RELEASE = 'releases/iq9075-2026.11.0.yaml';
const BOARD = 'boards/iq-9075-evk.yaml';
const ROOT = 'trust/root.yaml';

describe('when documents meet that are fine alone, then the second one is named', () => {
  const copy = (file: string, name: string, other: string) => example(file).replace(`name: ${name}`, `name: ${other}`);

  test.each([
    ['boards', BOARD],
    ['releases', RELEASE],
    ['fleets', FLEET],
    ['approvals', APPROVAL],
    ['device lists', LIST],
  ])('two %s of one name', (_what, file) => {
    expect(issuesWith({ 'zz.yaml': example(file) })).toContain('zz.yaml:4:9 duplicate-name');
  });

  test('two trust roots', () => {
    expect(issuesWith({ 'zz.yaml': copy(ROOT, 'root', 'root-2') })).toEqual(['zz.yaml:4:9 trust-root-twice']);
  });

  test('a device in two lists', () => {
    const issues = issuesWith({ 'zz.yaml': copy(LIST, 'field-na', 'other') });
    expect(issues).toEqual([
      'zz.yaml:11:11 duplicate-device',
      'zz.yaml:12:11 duplicate-device',
      'zz.yaml:14:11 duplicate-device',
    ]);
  });

  test('two fleets that select the same devices', () => {
    const issues = issuesWith({ 'zz.yaml': copy(FLEET, 'iq9075-field', 'other') });
    expect(issues.filter(issue => issue.endsWith('device-in-two-fleets'))).toEqual([
      `${LIST}:11:11 device-in-two-fleets`,
      `${LIST}:12:11 device-in-two-fleets`,
      `${LIST}:14:11 device-in-two-fleets`,
    ]);
  });

  test('two fleets of different boards may have the same labels', () => {
    const lab = example('lab/fleet.yaml').replace('ring: lab', 'ring: field');
    expect(issuesWith({ 'lab/fleet.yaml': lab })).toEqual([
      'lab/devices.yaml:10:11 device-without-fleet',
      'lab/fleet.yaml:8:5 fleet-without-devices',
    ]);
  });

  test('a selector without labels selects every device of the board', () => {
    const lab = example('lab/fleet.yaml').replace('matchLabels:\n      ring: lab', 'matchLabels: {}');
    expect(issuesWith({ 'lab/fleet.yaml': lab })).toEqual([]);
  });

  test('documents of one file are validated like documents of many', () => {
    const yaml = Object.entries(EXAMPLES).filter(([path]) => path.endsWith('.yaml'));
    const together = yaml.map(([, document]) => document).join('\n---\n');
    const { issues, desired } = validateFiles(new Map([['all.yaml', Buffer.from(together)]]));
    expect(issues.filter(({ code }) => code !== 'signature-missing')).toEqual([]);
    expect(desired?.contentHash).toBe(validateFiles(examplesWith()).desired?.contentHash);
  });
});

describe('when one document is broken, then others are not blamed for it', () => {
  test('what refers to it does not dangle', () => {
    const broken = example(RELEASE).replace('transaction: coupled', 'transaction: loose');
    expect(issuesWith({ [RELEASE]: broken })).toEqual([`${RELEASE}:7:16 wrong-value`]);
  });

  test('a fleet is not told that its devices are gone', () => {
    const broken = example(LIST).replace('id: hub-000002', 'id: "?"');
    expect(issuesWith({ [LIST]: broken })).toEqual([`${LIST}:12:11 bad-device-id`]);
  });

  test('no desired state comes of it', () => {
    const broken = example(LIST).replace('id: hub-000002', 'id: "?"');
    expect(validateFiles(examplesWith({ [LIST]: broken })).desired).toBeUndefined();
  });
});

describe('when the board has no firmware trial', () => {
  const untried = example(BOARD).replace('versionFloor: 0.0.1.0', 'versionFloor: 0.0.1.0\n    trial: unavailable');

  test('then a coupled release is warned about', () => {
    expect(issuesWith({ [BOARD]: untried })).toEqual([
      'releases/iq9075-2026.10.2.yaml:6:3 coupled-without-trial',
      `${RELEASE}:6:3 coupled-without-trial`,
    ]);
  });

  test('then the boots of a trial are not counted', () => {
    const fleet = example(FLEET).replace('bootTries: 3', 'bootTries: 15');
    expect(issuesWith({ [BOARD]: untried, [FLEET]: fleet })).not.toContain(expect.stringContaining('trial-budget'));
    expect(issuesWith({ [FLEET]: fleet })).toHaveLength(1);
  });
});

test('when the plan of a board would be too large, then its fleet is named', () => {
  const checks = Array.from(
    { length: 20 },
    (_, n) => `      - { name: c${n}, http: "http://127.0.0.1:8080/${'x'.repeat(50)}" }\n`,
  );
  const fleet = example(FLEET).replace('healthChecks:\n', `healthChecks:\n${checks.join('')}`);
  expect(issuesWith({ [FLEET]: fleet })).toEqual([`${FLEET}:10:12 plan-too-large`]);
});

describe('when time passes', () => {
  const expires = parseTimestamp('2027-11-01T00:00:00Z') ?? 0;

  test.each([
    [expires - 1, []],
    [expires, [`${ROOT}:7:12 trust-root-expired`]],
  ])('then at %i the root is judged', (now, expected) => {
    expect(issuesWith({}, { nowMs: millis(now) })).toEqual(expected);
  });
});

test('when a built-in role is missing, then the roles are named', () => {
  const root = example(ROOT).replace('    controller: {', '    control: {');
  expect(issuesWith({ [ROOT]: root })).toEqual([`${ROOT}:15:5 role-missing`]);
});
