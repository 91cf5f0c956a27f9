// The desired state: what it says, that it is the same however it was written, and that nobody can change it.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type DesiredState, firmwareVersion, parseGitCommit } from '../src/index.ts';
import { validateFiles } from '../src/validate-files.ts';
import { EXAMPLES, example, examplesWith } from './examples.ts';

function resolved(changes: Readonly<Record<string, string>> = {}): DesiredState {
  const { desired, issues } = validateFiles(examplesWith(changes));
  expect(issues.filter(({ severity }) => severity === 'error')).toEqual([]);
  if (desired === undefined) throw new Error('the example is not valid');
  return desired;
}
const target = (state: DesiredState, device: string) => state.targets.find(one => one.device === device);

test('when fleets/ is resolved, then this is what every board is to run', async () => {
  await expect(`${JSON.stringify(resolved(), null, 2)}\n`).toMatchFileSnapshot('golden/desired-state.json');
});

test('when a fleet says little, then the defaults are these', async () => {
  const fleet = `apiVersion: seatrial.dev/v1alpha1
kind: Fleet
metadata: { name: lab }
spec:
  board: virtual-iq-9075
  selector: { matchLabels: { ring: lab } }
  release: lab-1.1.0
  rollout: { stages: [{ limit: 100% }] }
`;
  const defaults = resolved({ 'lab/fleet.yaml': fleet }).fleets.find(({ name }) => name === 'lab');
  await expect(`${JSON.stringify(defaults, null, 2)}\n`).toMatchFileSnapshot('golden/fleet-defaults.json');
});

describe('when a device is pinned', () => {
  test('then it keeps its release and takes the policy of its fleet', () => {
    const state = resolved();
    expect(target(state, 'hub-000003')).toMatchObject({
      release: 'iq9075-2026.10.2',
      fleet: 'iq9075-field',
      pinned: true,
      payload: { firmware: { version: firmwareVersion(0x10001) } },
    });
    expect(target(state, 'hub-000001')).toMatchObject({ release: 'iq9075-2026.11.0', pinned: false });
    expect(target(state, 'hub-000003')?.policy).toBe(target(state, 'hub-000001')?.policy);
  });
});

test('when many devices share a fleet, then they share the objects, not copies', () => {
  const [first, second, ...others] = resolved().targets.filter(({ fleet }) => fleet === 'lab');
  expect(others).toHaveLength(6);
  expect(first?.payload).toBe(second?.payload);
  expect(first?.board).toBe(second?.board);
  expect(first?.policy).toBe(second?.policy);
  expect(first?.labels).toBe(second?.labels);
});

test('when a device has labels of its own, then they come on top', () => {
  const list = example('field/devices-na.yaml').replace('{ site: denver }', '{ site: denver, region: west }');
  const state = resolved({ 'field/devices-na.yaml': list });
  expect(target(state, 'hub-000002')?.labels).toEqual({ ring: 'field', region: 'west', site: 'denver' });
  expect(target(state, 'hub-000001')?.labels).toEqual({ ring: 'field', region: 'na' });
});

test('when a device is in no fleet, then it is listed and has no target', () => {
  const list = example('field/devices-na.yaml')
    .replace('id: hub-000002', 'id: hub-000002')
    .replace('site: denver', 'ring: none');
  const state = resolved({ 'field/devices-na.yaml': list });
  expect(state.devices.find(({ id }) => id === 'hub-000002')).not.toHaveProperty('fleet');
  expect(target(state, 'hub-000002')).toBeUndefined();
});

test('when a fleet is suspended, then its targets say so', () => {
  const fleet = example('lab/fleet.yaml').replace('  rollout:\n', '  suspend: true\n  rollout:\n');
  expect(target(resolved({ 'lab/fleet.yaml': fleet }), 'hub-01')?.suspended).toBe(true);
});

test('when a label is named like something every object has, then it selects nothing by itself', () => {
  const fleet = example('lab/fleet.yaml').replace('ring: lab', 'constructor: lab');
  expect(resolved({ 'lab/fleet.yaml': fleet }).targets.some(one => one.fleet === 'lab')).toBe(false);
});

test('when the commit is known, then it is carried, and does not change the content', () => {
  const gitCommit = parseGitCommit('0123456789'.repeat(4));
  const { desired } = validateFiles(examplesWith(), { gitCommit });
  expect(desired?.gitCommit).toBe(gitCommit);
  expect(desired?.contentHash).toBe(resolved().contentHash);
});

test('when it is resolved, then nothing in it can be changed', () => {
  const open: string[] = [];
  const visit = (value: unknown, path: string): void => {
    if (typeof value !== 'object' || value === null) return;
    if (!Object.isFrozen(value)) open.push(path);
    for (const [key, member] of Object.entries(value)) visit(member, `${path}.${key}`);
  };
  visit(resolved(), 'desired');
  expect(open).toEqual([]);
});

describe('when the same is written differently, then the hashes are the same', () => {
  test('files under other names, in any order', () => {
    const yaml = Object.entries(EXAMPLES).filter(([path]) => path.endsWith('.yaml'));
    fc.assert(
      fc.property(fc.shuffledSubarray(yaml, { minLength: yaml.length }), shuffled => {
        const files = new Map(shuffled.map(([, text], position) => [`${position}.yaml`, Buffer.from(text)]));
        expect(validateFiles(files).desired).toEqual(resolved());
      }),
      { numRuns: 20 },
    );
  });

  test.each([
    ['comments', 'lab/fleet.yaml', 'spec:\n', '# a comment\nspec:\n'],
    ['quotes', 'lab/fleet.yaml', 'deviceTimeout: 10m', '"deviceTimeout": "10m"'],
    ['units', 'lab/fleet.yaml', 'deviceTimeout: 10m', 'deviceTimeout: 600s'],
    ['a default that is spelt out', 'lab/fleet.yaml', 'jitter: 1s', 'jitter: 1s\n    networks: any'],
    ['letters of a GUID', 'boards/virtual-iq-9075.yaml', '78462415-6133-431C', '78462415-6133-431c'],
  ])('%s', (_name, file, from, to) => {
    expect(example(file)).toContain(from);
    expect(resolved({ [file]: example(file).replace(from, to) }).contentHash).toBe(resolved().contentHash);
  });
});

describe('when something else is wanted, then the hash that speaks of it changes', () => {
  const hashes = (state: DesiredState) => {
    const one = target(state, 'hub-01');
    return { content: state.contentHash, payload: one?.payloadHash, policy: one?.policyHash };
  };
  const before = hashes(resolved());

  test.each<[string, string, string, string, (keyof typeof before)[]]>([
    ['the commit', 'releases/lab-1.1.0.yaml', 'commit: "', 'commit: "00', ['content', 'payload']],
    ['the firmware', 'releases/lab-1.1.0.yaml', 'size: 16384', 'size: 16385', ['content', 'payload']],
    ['the class of the firmware', 'boards/virtual-iq-9075.yaml', '78462415', '78462416', ['content', 'payload']],
    [
      'the window',
      'lab/fleet.yaml',
      'windows: []',
      'windows: [{ start: "0 2 * * *", duration: 1h }]',
      ['content', 'policy'],
    ],
    ['the pace', 'lab/fleet.yaml', 'soak: 5s', 'soak: 6s', ['content']],
    ['a device', 'lab/devices.yaml', '    - id: hub-08\n', '', ['content']],
    ['a label', 'lab/devices.yaml', 'ring: lab', 'ring: lab\n    floor: one', ['content']],
    ['a pin', 'lab/devices.yaml', 'id: hub-08', 'id: hub-08\n      pin: lab-1.0.0', ['content']],
    ['the notes', 'releases/lab-1.1.0.yaml', 'Newer', 'Much newer', ['content']],
  ])('%s', (_name, file, from, to, expected) => {
    const text = example(file);
    expect(text).toContain(from);
    const changed = text.replace(from, to).replace(/commit: "00(.{62}).."/, 'commit: "00$1"');
    const after = hashes(resolved({ [file]: changed }));
    const different = (['content', 'payload', 'policy'] as const).filter(key => before[key] !== after[key]);
    expect(different).toEqual(expected);
  });
});
