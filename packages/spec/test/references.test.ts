// Rules between documents: each broken in a copy of fleets/, and the place that the issue names.

import { describe, expect, test } from 'vitest';
import { type Issue, millis, parseTimestamp } from '../src/index.ts';
import { type ValidateOptions, validateFiles } from '../src/validate-files.ts';
import { EXAMPLES, example, examplesWith } from './examples.ts';

const text = ({ file, line, column, code }: Issue): string => `${file}:${line}:${column} ${code}`;

/** Issues other than those of the untouched example, which only lacks signatures. */
function issuesWith(changes: Readonly<Record<string, string>>, options: ValidateOptions = {}): string[] {
  const { issues } = validateFiles(examplesWith(changes), options);
  return issues.filter(({ code }) => code !== 'signature-missing').map(text);
}

interface Case {
  readonly name: string;
  readonly file: string;
  readonly from: string;
  /** A caret marks the place that the issue must point at. */
  readonly to: string;
  readonly code: string;
}

const FLEET = 'field/fleet.yaml';
const LIST = 'field/devices-na.yaml';
const APPROVAL = 'field/approval-2026.11.0.yaml';
const RELEASE = 'releases/iq9075-2026.11.0.yaml';
const BOARD = 'boards/iq-9075-evk.yaml';
const ROOT = 'trust/root.yaml';

const CASES: readonly Case[] = [
  {
    name: 'the board of a fleet is unknown',
    file: FLEET,
    from: 'board: iq-9075-evk',
    to: 'board: ^iq-9075',
    code: 'unknown-board',
  },
  {
    name: 'the board of a list is unknown',
    file: LIST,
    from: 'board: iq-9075-evk',
    to: 'board: ^iq-9075',
    code: 'unknown-board',
  },
  {
    name: 'the board of a release is unknown',
    file: RELEASE,
    from: 'board: iq-9075-evk',
    to: 'board: ^iq-9075',
    code: 'unknown-board',
  },
  {
    name: 'the release of a fleet dangles',
    file: FLEET,
    from: 'release: iq9075-2026.11.0',
    to: 'release: ^iq9075-2026.12.0',
    code: 'unknown-release',
  },
  {
    name: 'a pin dangles',
    file: LIST,
    from: 'pin: iq9075-2026.10.2',
    to: 'pin: ^iq9075-2026.10.9',
    code: 'unknown-release',
  },
  {
    name: 'a pin is for another board',
    file: LIST,
    from: 'pin: iq9075-2026.10.2',
    to: 'pin: ^lab-1.0.0',
    code: 'release-for-another-board',
  },
  {
    name: 'the release of a fleet is for another board',
    file: FLEET,
    from: 'release: iq9075-2026.11.0',
    to: 'release: ^lab-1.1.0',
    code: 'release-for-another-board',
  },
  {
    name: 'the fleet of an approval is unknown',
    file: APPROVAL,
    from: 'fleet: iq9075-field',
    to: 'fleet: ^iq9075',
    code: 'unknown-fleet',
  },
  {
    name: 'the release of an approval is unknown',
    file: APPROVAL,
    from: 'release: iq9075-2026.11.0',
    to: 'release: ^iq9075-2027',
    code: 'unknown-release',
  },
  {
    name: 'nobody asked for the role of an approval',
    file: APPROVAL,
    from: 'role: ground-crew',
    to: 'role: ^vendor',
    code: 'unknown-role',
  },
  {
    name: 'the stage of an approval waits for nobody',
    file: APPROVAL,
    from: 'stage: 1',
    to: 'stage: ^2',
    code: 'unknown-stage',
  },
  {
    name: 'the stage of an approval does not exist',
    file: APPROVAL,
    from: 'stage: 1',
    to: 'stage: ^9',
    code: 'unknown-stage',
  },
  {
    name: 'a device is listed twice',
    file: LIST,
    from: 'id: hub-000002',
    to: 'id: ^hub-000001',
    code: 'duplicate-device',
  },
  {
    name: 'a release is below the floor of its board',
    file: RELEASE,
    from: 'version: 0.0.1.2\n    lowestSupported: 0.0.1.0',
    to: 'version: ^0.0.0.9\n    lowestSupported: 0.0.0.1',
    code: 'release-below-floor',
  },
  {
    name: 'the lowest supported version is above the version',
    file: RELEASE,
    from: 'lowestSupported: 0.0.1.0',
    to: 'lowestSupported: ^0.0.1.3',
    code: 'lowest-supported-above-version',
  },
  {
    name: 'a release leads only to itself',
    file: RELEASE,
    from: 'lowestSupported: 0.0.1.0',
    to: 'lowestSupported: 0.0.1.0\n    minimumFrom: ^0.0.1.2',
    code: 'requirement-cycle',
  },
  {
    name: 'the system requires newer firmware than comes with it',
    file: RELEASE,
    from: '">=0.0.1.2"',
    to: '^">=0.0.1.3"',
    code: 'requires-newer-firmware',
  },
  {
    name: 'no release brings the firmware to start from',
    file: RELEASE,
    from: 'version: 0.0.1.2\n',
    to: 'version: 0.0.1.9\n    minimumFrom: ^0.0.1.5\n',
    code: 'requirement-unmet',
  },
  {
    name: 'the capsules are larger than half the ESP',
    file: RELEASE,
    from: 'capsules:\n      - name: firmware.cap',
    to: 'capsules:\n      ^- name: a.cap\n        url: http://a/a.cap\n        size: 100MiB\n        sha256: "8c1f0d9d6b1b6c6f0a6e5d2f1f4f2e57b1c6a0d3e9b8f7a6c5d4e3f2a1b0c9d8"\n      - name: firmware.cap',
    code: 'capsules-too-large',
  },
  {
    name: 'two capsules differ in case only',
    file: RELEASE,
    from: '  os:\n',
    to: '      - name: ^FIRMWARE.cap\n        url: http://a/a.cap\n        size: 1\n        sha256: "8c1f0d9d6b1b6c6f0a6e5d2f1f4f2e57b1c6a0d3e9b8f7a6c5d4e3f2a1b0c9d8"\n  os:\n',
    code: 'duplicate-name',
  },
  {
    name: 'the fwClass is another chipset’s',
    file: BOARD,
    from: 'fwClass: 78462415-6133-431C-9FAE-48F2BAFD5C71',
    to: 'fwClass: ^6F25BFD2-A165-468B-980F-AC51A0A45C52',
    code: 'fw-class-of-another-target',
  },
  { name: 'percentages do not grow', file: FLEET, from: 'limit: 10%', to: 'limit: ^1%', code: 'stages-do-not-grow' },
  {
    name: 'counts do not grow',
    file: FLEET,
    from: 'limit: 1%, soak: 24h }\n      - { limit: 10%',
    to: 'limit: 2, soak: 24h }\n      - { limit: ^2',
    code: 'stages-do-not-grow',
  },
  {
    name: 'a count is fewer boards than the percentage before it',
    file: FLEET,
    from: 'limit: 50%, soak: 72h }',
    to: 'limit: 99%, soak: 72h }\n      - { limit: ^2 }',
    code: 'stages-do-not-grow',
  },
  {
    name: 'the last stage is not all',
    file: FLEET,
    from: 'limit: 100%',
    to: 'limit: ^99%',
    code: 'last-stage-not-all',
  },
  {
    name: 'the last stage is a count',
    file: FLEET,
    from: 'limit: 100%',
    to: 'limit: ^1000',
    code: 'last-stage-not-all',
  },
  {
    name: 'a fleet asks for approval of a stage it has not',
    file: FLEET,
    from: 'approvals:\n',
    to: 'approvals:\n      - { role: ground-crew, stage: ^5 }\n',
    code: 'unknown-stage',
  },
  {
    name: 'a fleet asks for the same approval twice',
    file: FLEET,
    from: 'stage: 1 }',
    to: 'stage: 1 }\n      - { role: ^ground-crew, stage: 1 }',
    code: 'duplicate-name',
  },
  {
    name: 'a trial needs more boots than can be counted',
    file: FLEET,
    from: 'bootTries: 3',
    to: 'bootTries: ^13',
    code: 'trial-budget-exceeded',
  },
  {
    name: 'a check outlasts the deadline',
    file: FLEET,
    from: 'timeout: 30s',
    to: 'timeout: ^6m',
    code: 'health-deadline-too-short',
  },
  { name: 'two checks have one name', file: FLEET, from: 'name: api', to: 'name: ^modem', code: 'duplicate-name' },
  {
    name: 'a window is shorter than the trial',
    file: FLEET,
    from: 'duration: 3h',
    to: 'duration: ^4m',
    code: 'window-too-short',
  },
  {
    name: 'a role names an unknown key',
    file: ROOT,
    from: 'keys: [k-operator-1]',
    to: 'keys: [k-operator-1, ^k-operator-2]',
    code: 'role-unknown-key',
  },
  {
    name: 'a role names a key twice',
    file: ROOT,
    from: 'keys: [k-operator-1]',
    to: 'keys: [k-operator-1, ^k-operator-1]',
    code: 'duplicate-name',
  },
  {
    name: 'a threshold can not be reached',
    file: ROOT,
    from: 'operator: { threshold: 1',
    to: 'operator: { threshold: ^2',
    code: 'role-threshold-too-high',
  },
  {
    name: 'one public key has two names',
    file: ROOT,
    from: '"PCkDr5xmrNm52dDmqlHZpcEuHtpujYMuLnsbM+sU2Hw="',
    to: '^"xcykFerw2wnIoazGyHUfLINuhUW6njKZdzXsEoOUSEU="',
    code: 'duplicate-public-key',
  },
];

describe('when documents do not fit together, then the one that is wrong is named', () => {
  test.each(CASES)('$name', ({ file, from, to, code }) => {
    const whole = example(file);
    expect(whole).toContain(from);
    const marked = whole.replace(from, () => to);
    const before = marked.slice(0, marked.indexOf('^')).split('\n');
    const place = `${file}:${before.length}:${(before.at(-1) ?? '').length + 1}`;
    expect(issuesWith({ [file]: marked.replace('^', '') })).toContain(`${place} ${code}`);
  });

  test('the untouched example has no issue but missing signatures', () => {
    expect(issuesWith({})).toEqual([]);
    expect(validateFiles(examplesWith()).desired).toBeDefined();
  });
});

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
