// What a review finds: numbers, classes of boards, warnings with their places, and what they come to.

import { describe, expect, test } from 'vitest';
import { type Review, WARNING_CODES, type WarningCode } from '../../src/review/index.ts';
import { need } from '../support/told-board.ts';
import { desiredOf, filesOf, NEWER, RELEASES } from '../support/written-fleet.ts';
import { codesOf, edited, reviewOf, reworded, type Scene } from './scene.ts';

const UNSIGNED = 'release-unsigned';
const EVERY_HUB = ['hub-1', 'hub-2', 'hub-3', 'hub-4'].map(device => ({ device }));
const payloadHashOf = (release: keyof typeof RELEASES) =>
  need(desiredOf({}).releases.find(({ name }) => name === release)).payloadHash;

const fleetOf = (review: Review) => need(review.fleets[0]);

describe('when a fleet gets another release', () => {
  test('then its row says who changes, from what to what, and how much they fetch', () => {
    const review = reviewOf();
    expect(fleetOf(review)).toMatchObject({
      fleet: 'field',
      status: 'changed',
      release: 'r-2',
      counts: { total: 4, changing: 4, staying: 0, blocked: 0, failed: 0, unobserved: 0, pinned: 0 },
      firmware: { from: { least: 0x1_0001, most: 0x1_0001 }, to: { least: 0x1_0002, most: 0x1_0002 } },
      os: { from: ['a'.repeat(64)], to: ['b'.repeat(64)] },
      fetch: { capsuleBytes: 4096, perBoard: { least: 1024, most: 1024 }, pulls: 4 },
    });
    expect(review.verdict.kind).toBe('changes');
    expect(review.conclusion).toBe('success');
  });

  test('then boards that would take equal steps are one class', () => {
    const review = reviewOf({
      boards: [...EVERY_HUB.slice(0, 3), { device: 'hub-4', runs: { fw: '1.2', os: 'a' } }],
    });
    expect(fleetOf(review).classes.map(({ boards }) => boards)).toEqual([
      { count: 3, first: ['hub-1', 'hub-2', 'hub-3'] },
      { count: 1, first: ['hub-4'] },
    ]);
  });

  test('then a board that has fetched already fetches nothing', () => {
    const review = reviewOf({ boards: [{ device: 'hub-1', fetched: NEWER }, ...EVERY_HUB.slice(1)] });
    expect(fleetOf(review).fetch).toEqual({ capsuleBytes: 3072, perBoard: { least: 0, most: 1024 }, pulls: 3 });
  });

  test('then a board that runs it already stays as it is', () => {
    const review = reviewOf({ boards: [{ device: 'hub-1', runs: NEWER }, ...EVERY_HUB.slice(1)] });
    expect(fleetOf(review).counts).toMatchObject({ changing: 3, staying: 1 });
  });
});

describe('when nothing that boards follow is changed', () => {
  const quiet: readonly (readonly [string, Scene])[] = [
    ['not a letter', { head: {} }],
    ['a release that nobody follows', { head: { releases: { ...RELEASES, 'r-4': { fw: '1.4' } } } }],
    ['a comment', { head: edited({}, { 'board.yaml': `# said\n${filesOf({}).get('board.yaml')}` }) }],
  ];
  test.each(quiet)('then %s brings the verdict that nothing happens', (_name, scene) => {
    const review = reviewOf(scene);
    expect(review).toMatchObject({ verdict: { kind: 'nothing' }, conclusion: 'neutral', fleets: [], warnings: [] });
  });

  test('then not even a snapshot of another fleet is held against it', () => {
    expect(reviewOf({ head: {}, snapshotAge: 'elsewhere' }).conclusion).toBe('neutral');
  });
});

describe('when only the policy of a fleet changes', () => {
  const waiting = { release: 'r-2', gates: '{ parked: true }' };

  test('then boards at rest stay, and no rollout begins', () => {
    const review = reviewOf({ base: {}, head: { jitter: '1h' } });
    expect(fleetOf(review)).toMatchObject({ counts: { changing: 0, staying: 4 }, classes: [] });
    expect(fleetOf(review).rollout).toBeUndefined();
  });

  test('then boards on their way change when their steps do', () => {
    const review = reviewOf({ base: waiting, head: { release: 'r-2' } });
    expect(fleetOf(review).counts).toMatchObject({ changing: 4, staying: 0 });
    expect(
      fleetOf(reviewOf({ base: waiting, head: { ...waiting, stages: ['{ limit: 100% }'] } })).counts,
    ).toMatchObject({
      changing: 0,
      staying: 4,
    });
  });
});

/* ---- Warnings ---- */

const failure = { failed: { payloadHash: payloadHashOf('r-2') } };
const noTrial = (release: string) =>
  reworded({ release }, 'board.yaml', 'versionFloor: 0.0.1.0', 'versionFloor: 0.0.1.0\n    trial: unavailable');

/** A scene for every code: what it must find, where, and what it must not find without its cause. */
const SCENES: Readonly<Record<WarningCode, readonly [scene: Scene, place: string | undefined]>> = {
  'firmware-for-good': [{}, 'releases/r-2.yaml:8'],
  'firmware-without-trial': [{ head: noTrial('r-2') }, 'releases/r-2.yaml:8'],
  downgrade: [
    {
      base: { release: 'r-2' },
      head: {},
      boards: EVERY_HUB.map(board => ({ ...board, runs: NEWER, isUntouched: true })),
    },
    'releases/r-1.yaml:8',
  ],
  'trust-root-changed': [{ head: reworded({}, 'root.yaml', 'version: 1', 'version: 2') }, 'root.yaml:4'],
  'policy-changed': [{ policyChanged: true }, undefined],
  'below-floor': [
    { boards: EVERY_HUB.map(board => ({ ...board, floor: '1.3', runs: { fw: '1.3', os: 'a' } })) },
    'releases/r-2.yaml:8',
  ],
  'below-minimum-from': [
    {
      head: reworded(
        { release: 'r-2', releases: { ...RELEASES, between: { fw: '1.1' } } },
        'releases/r-2.yaml',
        'lowestSupported: 0.0.1.0',
        'lowestSupported: 0.0.1.0\n    minimumFrom: 0.0.1.1',
      ),
      boards: EVERY_HUB.map(board => ({ ...board, runs: { fw: '1.0', os: 'a' } })),
    },
    'releases/r-2.yaml:10',
  ],
  'esp-too-small': [
    { boards: [{ device: 'hub-1', espFreeBytes: 2047 }, ...EVERY_HUB.slice(1)] },
    'releases/r-2.yaml:11',
  ],
  'trial-budget': [
    {
      base: noTrial('r-1'),
      head: new Map([
        ...noTrial('r-2'),
        [
          'field/fleet.yaml',
          need(filesOf({ release: 'r-2' }).get('field/fleet.yaml')).replace(
            '  trial:\n',
            '  trial:\n    bootTries: 15\n',
          ),
        ],
      ]),
    },
    'field/fleet.yaml:20',
  ],
  'boards-blocked': [
    {
      head: reworded(
        { release: 'os-2', releases: { ...RELEASES, 'os-2': { os: 'b' } } },
        'releases/os-2.yaml',
        `commit: "${'b'.repeat(64)}"`,
        `commit: "${'b'.repeat(64)}"\n    requires: { firmware: ">=0.0.1.2" }`,
      ),
    },
    'field/fleet.yaml:8',
  ],
  'boards-failed-before': [{ boards: [{ device: 'hub-1', ...failure }, ...EVERY_HUB.slice(1)] }, 'field/fleet.yaml:8'],
  'boards-gated': [{ head: { release: 'r-2', gates: '{ parked: true }' } }, 'field/fleet.yaml:18'],
  'boards-unreachable': [
    { boards: [{ device: 'hub-1', unreachable: true }, ...EVERY_HUB.slice(1)] },
    'field/fleet.yaml:8',
  ],
  'boards-unobserved': [{ boards: EVERY_HUB.slice(1) }, 'field/fleet.yaml:7'],
  'rollout-would-halt': [{ boards: EVERY_HUB.map(board => ({ ...board, ...failure })) }, 'field/fleet.yaml:12'],
  'fleet-deleted': [{ head: edited({}, { 'field/fleet.yaml': undefined }) }, undefined],
  'release-deleted': [{ head: edited({}, { 'releases/r-3.yaml': undefined }) }, undefined],
  'device-deleted': [{ head: { devices: ['hub-1', 'hub-2', 'hub-3'] } }, undefined],
  'boards-leave': [{ head: { devices: ['hub-1', 'hub-2', 'hub-3'] } }, undefined],
  'boards-join': [{ head: { devices: ['hub-1', 'hub-2', 'hub-3', 'hub-4', 'hub-5'] } }, 'field/devices.yaml:13'],
  'boards-claimed-twice': [
    {
      head: edited(
        {},
        { 'second.yaml': need(filesOf({}).get('field/fleet.yaml')).replace('name: field', 'name: second') },
      ),
    },
    undefined,
  ],
  'fleet-suspended': [{ head: { release: 'r-2', suspend: true } }, 'field/fleet.yaml:9'],
  'release-unsigned': [{}, 'releases/r-2.yaml:4'],
  'release-under-signed': [
    {
      head: edited(
        { release: 'r-2' },
        {
          'releases/r-2.dsse.json': JSON.stringify({
            payloadType: 'application/vnd.seatrial.release+json',
            payload: Buffer.from('{}').toString('base64'),
            signatures: [{ keyid: 'k-vendor', sig: Buffer.alloc(64).toString('base64') }],
          }),
        },
      ),
    },
    undefined,
  ],
  'artifact-mismatch': [
    {
      artifacts: new Map([
        [
          'https://artifacts.example.com/r-2/firmware.cap',
          { kind: 'found', sha256: payloadHashOf('r-1'), sizeBytes: 1024 as never },
        ],
      ]),
    },
    'releases/r-2.yaml:14',
  ],
  'artifact-missing': [
    { artifacts: new Map([['https://artifacts.example.com/r-2/firmware.cap', { kind: 'missing' }]]) },
    'releases/r-2.yaml:12',
  ],
  'snapshot-foreign': [{ snapshotAge: 'elsewhere' }, undefined],
  'snapshot-stale': [{ snapshotAge: 'before' }, undefined],
  'snapshot-undated': [{ header: { takenAtMs: undefined, gitCommit: undefined } as never }, undefined],
  'base-moved': [{ snapshotAge: 'after' }, undefined],
  'base-invalid': [{ base: edited({}, { 'board.yaml': undefined }) }, undefined],
};

test.each(WARNING_CODES)('when there is cause for %s, then it is found where it stands in YAML', code => {
  const [scene, place] = SCENES[code];
  const warning = need(reviewOf(scene).warnings.find(found => found.code === code));
  expect(warning.place && `${warning.place.path}:${warning.place.startLine}`).toBe(place);
});

test('when a change is as harmless as changes are, then only what concerns everybody is told', () => {
  expect(codesOf(reviewOf())).toEqual(['firmware-for-good', UNSIGNED]);
});

describe('when the snapshot is of another repository', () => {
  const foreign = {
    header: { repository: 'https://git.example.com/other/fleets' },
    repository: 'git@git.example.com:house/fleets.git',
  };

  test('then its name counts where commits can not be compared', () => {
    expect(codesOf(reviewOf({ ...foreign, snapshotAge: undefined }))).toContain('snapshot-foreign');
    expect(codesOf(reviewOf({ ...foreign, snapshotAge: 'same' }))).not.toContain('snapshot-foreign');
  });

  test('then the same repository under another spelling is none', () => {
    const same = {
      header: { repository: 'https://bot@git.example.com:443/House/fleets' },
      repository: 'git@git.example.com:house/fleets.git',
    };
    expect(codesOf(reviewOf({ ...same, snapshotAge: undefined }))).not.toContain('snapshot-foreign');
  });
});

describe('when the head has errors', () => {
  const review = reviewOf({ head: reworded({}, 'field/fleet.yaml', 'release: r-1', 'release: r-9') });

  test('then nothing is foretold, and the error stands on its line', () => {
    expect(review).toMatchObject({ verdict: { kind: 'invalid' }, conclusion: 'failure', fleets: [] });
    expect(review.annotations).toMatchObject([{ path: 'field/fleet.yaml', startLine: 8, level: 'failure' }]);
  });
});

describe('when the fleet lies deeper in the repository', () => {
  test('then annotations count from its root', () => {
    const { annotations } = reviewOf({ directory: 'fleets/' });
    expect(annotations.map(({ path }) => path)).toEqual(['fleets/releases/r-2.yaml', 'fleets/releases/r-2.yaml']);
  });
});

describe('when the policy has a say', () => {
  const approve = '  warnings:\n    firmware-for-good: { approve: safety }\n    release-unsigned: block\n';

  test('then what blocks fails the check, and comes first', () => {
    const review = reviewOf({ policy: approve });
    expect(review).toMatchObject({ verdict: { kind: 'blocked' }, conclusion: 'failure' });
    expect(review.warnings.map(({ code, effect }) => [code, effect])).toEqual([
      [UNSIGNED, 'block'],
      ['firmware-for-good', 'approve'],
    ]);
    expect(review.annotations.map(({ level }) => level)).toEqual(['failure', 'warning']);
  });

  test('then an approval is asked of the role until it is given', () => {
    const policy = '  warnings: { firmware-for-good: { approve: safety } }\n';
    const asked = reviewOf({ policy });
    expect(asked).toMatchObject({
      verdict: { kind: 'changes' },
      conclusion: 'failure',
      needsApproval: [{ role: 'safety', codes: ['firmware-for-good'] }],
    });
    const given = reviewOf({ policy, approvedBy: ['safety' as never] });
    expect(given).toMatchObject({ conclusion: 'success', needsApproval: [] });
  });

  test('then it says how old a snapshot may be', () => {
    const header = { takenAtMs: (Date.UTC(2026, 10, 21, 12) - 3_600_000) as never };
    expect(codesOf(reviewOf({ header }))).not.toContain('snapshot-stale');
    expect(codesOf(reviewOf({ header, policy: '  snapshot: { maxAge: 30m }\n' }))).toContain('snapshot-stale');
  });
});
