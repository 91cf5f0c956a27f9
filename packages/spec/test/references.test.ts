// Rules between documents: each broken in a copy of fleets/, and the place that the issue names.

import { describe, expect, test } from 'vitest';
import { validateFiles } from '../src/validate-files.ts';
import { example, examplesWith } from './examples.ts';
import { issuesWith } from './issues-with.ts';
import { marked } from './places.ts';

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
    const { changed, place } = marked(example(file), from, to);
    expect(issuesWith({ [file]: changed })).toContain(`${file}:${place} ${code}`);
  });

  test('the untouched example has no issue but missing signatures', () => {
    expect(issuesWith({})).toEqual([]);
    expect(validateFiles(examplesWith()).desired).toBeDefined();
  });
});
