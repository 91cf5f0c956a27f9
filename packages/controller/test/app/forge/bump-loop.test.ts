// The way forward: what is proposed when something newer appears, in whose files, and what is left alone.

import {
  bytes,
  type FirmwareVersion,
  type HttpUrl,
  millis,
  type OstreeCommit,
  parseFirmwareVersion,
  parseName,
  parseSha256,
  parseUrl,
} from '@seatrial/spec';
import { beforeEach, describe, expect, test } from 'vitest';
import { specValidator } from '../../../src/adapters/spec-validator.ts';
import type { Desk } from '../../../src/app/desk.ts';
import { WayForward } from '../../../src/app/forge/bump-loop.ts';
import { Checkouts } from '../../../src/app/forge/checkouts.ts';
import { HousePolicy } from '../../../src/app/forge/house-policy.ts';
import { ForgeMemory } from '../../../src/app/forge/memory.ts';
import { OwnBranches } from '../../../src/app/forge/own-branches.ts';
import { Proposals } from '../../../src/app/forge/proposals.ts';
import type { FirmwareArtifact, OsArtifact } from '../../../src/domain/artifacts/artifact.ts';
import { startRollout } from '../../../src/domain/rollout-orders.ts';
import { distinctName, type Newer, nextName } from '../../../src/domain/way-forward/newer.ts';
import { PortError } from '../../../src/errors.ts';
import type { ArtifactIndex } from '../../../src/ports/artifact-index.ts';
import { FIELD } from '../../support/fleet-simulation.ts';
import { MemoryForge } from '../../support/memory-forge.ts';
import { headTaker, MemoryRepository, rememberingValidator } from '../../support/memory-repository.ts';
import { MemoryStore } from '../../support/memory-store.ts';
import { openDesk } from '../../support/open-desk.ts';
import { NOW_MS, need } from '../../support/told-board.ts';
import { desiredFrom, filesOf } from '../../support/written-fleet.ts';

const VALIDATOR = rememberingValidator(specValidator());

const version = (text: string): FirmwareVersion => need(parseFirmwareVersion(text));
const url: HttpUrl = need(parseUrl('https://artifacts.example.com/new/firmware.cap'));
const os = (digit: string, told: Partial<OsArtifact> = {}): OsArtifact => ({
  commit: digit.repeat(64) as OstreeCommit,
  ...told,
});
const firmware = (text: string): FirmwareArtifact => ({
  version: version(text),
  lowestSupported: version('0.0.1.0'),
  capsules: [{ name: 'firmware.cap', url, sizeBytes: bytes(2_048), sha256: need(parseSha256('e'.repeat(64))) }],
  notes: 'TrustZone fix',
});

/** What builds have put there. */
class Shelf implements ArtifactIndex {
  os: OsArtifact | undefined;
  firmware: readonly FirmwareArtifact[] = [];
  problem: PortError | undefined;

  newestOs = async () => {
    if (this.problem !== undefined) throw this.problem;
    return this.os;
  };
  firmwareFor = async () => this.firmware;
}

let forge: MemoryForge;
let repository: MemoryRepository;
let store: MemoryStore;
let shelf: Shelf;
let desk: Desk;
let forward: WayForward;

async function start(): Promise<void> {
  desk = await openDesk(store);
  desk.mayDecide = true;
  const checkouts = new Checkouts(repository, VALIDATOR);
  const memory = new ForgeMemory(desk);
  forward = new WayForward({
    desk,
    forge,
    memory,
    branches: new OwnBranches({ forge, memory, repository, takeHead: headTaker(forge, repository) }),
    checkouts,
    artifacts: shelf,
    policy: new HousePolicy(checkouts, async () => undefined),
    proposals: new Proposals(store),
    fromRoot: files => new Map([...files].map(([path, text]) => [`fleets/${path}`, text])),
    artifactsMs: 1_000,
  });
}

const look = async () => {
  await desk.note({ meta: { goodCommit: await repository.fetch() } });
  return forward.look();
};

const policy = (bumps: string) => `apiVersion: seatrial.dev/v1alpha1
kind: ReviewPolicy
metadata: { name: house }
spec: { bumps: ${bumps} }
`;

beforeEach(async () => {
  forge = new MemoryForge();
  repository = new MemoryRepository();
  store = new MemoryStore();
  shelf = new Shelf();
  repository.commit(filesOf({ release: 'r-1' }));
  await start();
});

const NEWEST = os('9', { version: '2026.12', notes: 'Camera stack' });
const proposed = () => need(forge.written.at(-1)).files;
const textAt = (path: string): string => Buffer.from(need(proposed().get(path))).toString();
/** What the branch would be with the proposal merged. */
const mergedFiles = () =>
  new Map([
    ...repository.filesAt(need(forge.written.at(-1)).onto),
    ...[...proposed()].map(
      ([path, text]) => [path.replace('fleets/', ''), Buffer.from(need(text)).toString()] as const,
    ),
  ]);
const decided = async () => (await store.decisions('bump-proposed', 9)).map(({ decision }) => decision);

describe('when a ref has moved', () => {
  beforeEach(() => {
    shelf.os = NEWEST;
  });

  test('then one pull request gives the fleet a release beside the old one, and that is decided', async () => {
    await look();
    await look();
    expect([...proposed().keys()].sort()).toEqual(['fleets/field/fleet.yaml', 'fleets/releases/r-2026.12.yaml']);
    const { fleets, releases } = desiredFrom(mergedFiles());
    expect(fleets).toMatchObject([{ release: 'r-2026.12' }]);
    expect(releases.find(({ name }) => String(name) === 'r-2026.12')).toMatchObject({
      payload: { os: { commit: NEWEST.commit }, firmware: { version: version('0.0.1.1') } },
    });
    expect(forge.pulls).toMatchObject([{ state: 'open' }]);
    expect(forge.written).toHaveLength(1);
    expect(await decided()).toMatchObject([{ fleet: FIELD, release: 'r-2026.12', number: 1 }]);
    expect(need(forge.bodies.get(1)).body).toContain('Camera stack');
  });

  test('then only the line of the release changes in the fleet, and comments stay', async () => {
    const text = need(filesOf({ release: 'r-1' }).get('field/fleet.yaml'));
    const commented = text
      .replace('release: r-1', 'release: "r-1"   # as agreed with Ada')
      .replace('selector:', '# whom\n  selector:');
    const release = `# made by hand\n${need(filesOf().get('releases/r-1.yaml')).replace('  os:', '  # the system\n  os:')}`;
    repository.commit(
      new Map([...filesOf({ release: 'r-1' }), ['field/fleet.yaml', commented], ['releases/r-1.yaml', release]]),
    );
    await look();
    expect(textAt('fleets/field/fleet.yaml')).toBe(commented.replace('"r-1"', 'r-2026.12'));
    expect(textAt('fleets/releases/r-2026.12.yaml')).toContain('# the system');
  });

  test('and it moves again, then the pull request is changed in place', async () => {
    await look();
    shelf.os = os('8', { version: '2026.13' });
    await look();
    expect(forge.pulls).toHaveLength(1);
    expect(need(forge.pulls[0]).title).toContain('r-2026.13');
    expect([...proposed().keys()].sort()).toEqual(['fleets/field/fleet.yaml', 'fleets/releases/r-2026.13.yaml']);
    expect(await decided()).toHaveLength(2);
  });

  test('and somebody has pushed to the branch, then it is theirs', async () => {
    await look();
    forge.push('seatrial/bump/field');
    shelf.os = os('8');
    await look();
    expect(forge.written).toHaveLength(1);
  });

  test('and somebody has closed the pull request, then this is not proposed again, and the next is', async () => {
    await look();
    forge.close(1);
    await start();
    await look();
    expect(forge.pulls).toHaveLength(1);
    shelf.os = os('8', { version: '2026.13' });
    await look();
    expect(forge.pulls.map(({ state }) => state)).toEqual(['closed', 'open']);
  });

  test('and it moves back to what somebody has closed, then that is not proposed in the next one either', async () => {
    await look();
    forge.close(1);
    shelf.os = os('8', { version: '2026.13' });
    await look();
    shelf.os = NEWEST;
    await look();
    expect(forge.pulls.map(({ title }) => title)).toEqual(['Give field r-2026.12', 'Give field r-2026.13']);
  });

  test.each([
    [
      'is taken back',
      () => {
        shelf.os = os('a');
      },
    ],
    [
      'was brought by somebody',
      () => {
        repository.commit(new Map([...mergedFiles()]));
      },
    ],
  ] as const)('and what is newer %s, then the pull request is withdrawn', async (_how, happen) => {
    await look();
    happen();
    await look();
    expect(forge.pulls.map(({ state }) => state)).toEqual(['closed']);
    expect([...forge.branches]).toEqual([]);
  });

  test('and the source fails for once, then nothing is withdrawn', async () => {
    await look();
    shelf.problem = new PortError('artifact-unreachable', 'https://ostree.example.com');
    await expect(look()).rejects.toMatchObject({ code: 'artifact-unreachable' });
    expect(forge.pulls.map(({ state }) => state)).toEqual(['open']);
  });

  test('and the branch moves on elsewhere, then nothing is written again', async () => {
    await look();
    repository.commit(new Map([...filesOf({ release: 'r-1' }), ['README.yaml', '# nothing\n']]));
    await look();
    expect(forge.written).toHaveLength(1);
  });

  test('and the fleet’s file changes, then the proposal is made anew on top of it', async () => {
    await look();
    const head = repository.commit(filesOf({ release: 'r-1', failureBudget: '2' }));
    await look();
    expect(forge.written.at(-1)?.onto).toBe(head);
    expect(textAt('fleets/field/fleet.yaml')).toContain('failureBudget: 2');
    expect(forge.pulls).toHaveLength(1);
  });

  test('and the fleet has tried just that before, then it is not proposed', async () => {
    await look();
    const release = need(desiredFrom(mergedFiles()).releases.find(({ name }) => String(name) === 'r-2026.12'));
    forge = new MemoryForge();
    store = new MemoryStore();
    await start();
    const { rollout } = startRollout({
      fleet: FIELD,
      release: release.name,
      payloadHash: release.payloadHash,
      gitCommit: need(await repository.fetch()),
      nowMs: millis(NOW_MS),
      boards: 4,
      before: [],
    });
    desk.ledger.history.set(FIELD, [rollout]);
    await look();
    expect(forge.pulls).toEqual([]);
  });

  test('and the answer to the pull request is lost, then there is still one, and it is decided once', async () => {
    for (const call of [1, 2, 3, 4]) {
      forge.fail(call, 'is done unheard');
      await look().catch(() => {});
      await start();
    }
    forge.fail(0, 'is lost');
    await look();
    expect(forge.pulls).toHaveLength(1);
    expect(await decided()).toHaveLength(1);
  });

  test('and the answer to a change in place is lost, then the branch is still ours', async () => {
    await look();
    shelf.os = os('8', { version: '2026.13' });
    forge.fail(2, 'is done unheard');
    await expect(look()).rejects.toMatchObject({ code: 'forge-unreachable' });
    await start();
    shelf.os = os('7', { version: '2026.14' });
    await look();
    expect(need(forge.pulls[0]).title).toContain('r-2026.14');
  });
});

describe('when newer firmware has appeared', () => {
  test('then the newest is proposed with size, digest and floor; older ones are not', async () => {
    shelf.firmware = [firmware('0.0.1.9'), firmware('0.0.1.5')];
    await look();
    const bumped = desiredFrom(mergedFiles()).releases.find(({ name }) => name.includes('fw'));
    expect(bumped).toMatchObject({
      name: 'r-1-fw0.0.1.9',
      notes: 'TrustZone fix\n',
      payload: {
        firmware: { version: version('0.0.1.9'), capsules: [{ sizeBytes: 2_048, url }] },
        os: { commit: 'a'.repeat(64) },
      },
    });
  });

  test.each([
    ['the same', '0.0.1.1'],
    ['older', '0.0.1.0'],
  ])('and it is %s, then nothing is proposed', async (_what, text) => {
    shelf.firmware = [firmware(text)];
    await look();
    expect(forge.calls).toBe(0);
  });
});

describe('when the house has rules for bumps', () => {
  const withDepot = (bumps: string) =>
    repository.commit(
      new Map([
        ...filesOf({ release: 'r-1' }),
        ...filesOf({ release: 'r-1', name: 'depot', devices: ['dock-1'] }),
        ['seatrial.policy.yaml', policy(bumps)],
      ]),
    );

  test.each([
    ['{ group: fleet }', ['seatrial/bump/depot', 'seatrial/bump/field']],
    ['{ group: all }', ['seatrial/bump-all']],
    ['{ fleets: [depot] }', ['seatrial/bump/depot']],
    ['{ propose: false }', []],
  ])('%s, then these are the branches', async (bumps, branches) => {
    withDepot(bumps);
    shelf.os = NEWEST;
    await look();
    expect([...forge.branches.keys()].sort()).toEqual(branches);
    for (const { number } of forge.pulls) expect(need(forge.bodies.get(number)).labels).toContain('bump');
  });

  test('and all are proposed together, then each fleet changes and the release stands once', async () => {
    withDepot('{ group: all, labels: [robots] }');
    shelf.os = NEWEST;
    await look();
    expect([...proposed().keys()].sort()).toEqual([
      'fleets/depot/fleet.yaml',
      'fleets/field/fleet.yaml',
      'fleets/releases/r-2026.12.yaml',
    ]);
    expect(desiredFrom(mergedFiles()).fleets.map(({ release }) => String(release))).toEqual(['r-2026.12', 'r-2026.12']);
    expect(need(forge.bodies.get(1)).labels).toContain('robots');
  });
});

describe('when a source does not answer', () => {
  test('then that is told, and nothing is proposed', async () => {
    shelf.problem = new PortError('artifact-unreachable', 'https://ostree.example.com');
    await expect(look()).rejects.toMatchObject({ code: 'artifact-unreachable' });
    expect(forge.pulls).toEqual([]);
  });
});

describe('when a release needs a name', () => {
  const name = (text: string) => need(parseName(text));
  const cases: readonly (readonly [string, Newer, string])[] = [
    ['iq9075-2026.11.0', { os: os('9', { version: '2026.12.0' }) }, 'iq9075-2026.12.0'],
    ['iq9075-2026.11.0', { os: os('9') }, 'iq9075-999999999999'],
    ['iq9075-2026.11.0', { os: os('9', { version: ' v2 (Friday)\n' }) }, 'iq9075-v2.friday'],
    ['iq9075-2026.11.0', { firmware: firmware('0.0.1.3') }, 'iq9075-2026.11.0-fw0.0.1.3'],
    ['iq9075-2026.11.0-fw0.0.1.3', { firmware: firmware('0.0.1.4') }, 'iq9075-2026.11.0-fw0.0.1.4'],
    ['fw-0.0.1.3', { firmware: firmware('0.0.1.4') }, 'fw-0.0.1.4'],
    ['plain', { os: os('9', { version: '7' }) }, 'plain-7'],
    ['x'.repeat(63), { os: os('9', { version: '7'.repeat(80) }) }, `${'x'.repeat(30)}-${'7'.repeat(32)}`],
  ];
  test.each(cases)('after %s, then it follows', (current, newer, next) => {
    expect(String(nextName(name(current), newer))).toBe(next);
  });

  test('and that name is taken, then the digest tells them apart', () => {
    expect(String(distinctName(name('r-7'), { os: os('9') }))).toBe('r-7-99999999');
  });
});
