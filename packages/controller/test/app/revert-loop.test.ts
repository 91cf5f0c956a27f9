// The way back: one pull request for one failure, whatever is lost, whoever interferes.

import { generateKeyPairSync } from 'node:crypto';
import {
  canonicalJson,
  type GitCommit,
  millis,
  parseKeyId,
  payloadTypeOf,
  publicKeyOf,
  signEnvelope,
} from '@seatrial/spec';
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { specValidator } from '../../src/adapters/spec-validator.ts';
import { Checkouts } from '../../src/app/checkouts.ts';
import type { Desk } from '../../src/app/desk.ts';
import { ForgeMemory } from '../../src/app/forge-memory.ts';
import { OwnBranches } from '../../src/app/own-branches.ts';
import { Proposals } from '../../src/app/proposals.ts';
import { Restorer } from '../../src/app/restorer.ts';
import { WayBack } from '../../src/app/revert-loop.ts';
import type { Decision } from '../../src/domain/decision.ts';
import { emptyLedger } from '../../src/domain/ledger.ts';
import type { Rollout } from '../../src/domain/rollout.ts';
import { startRollout } from '../../src/domain/rollout-orders.ts';
import { revertBranch } from '../../src/domain/way-back/revert-text.ts';
import { FIELD } from '../support/fleet-simulation.ts';
import { MemoryForge } from '../support/memory-forge.ts';
import { headTaker, MemoryRepository, rememberingValidator, simpleMerge } from '../support/memory-repository.ts';
import { MemoryStore } from '../support/memory-store.ts';
import { openDesk } from '../support/open-desk.ts';
import { deviceId, NOW_MS, need } from '../support/told-board.ts';
import { desiredOf, filesOf, RELEASES, type WrittenFleet } from '../support/written-fleet.ts';

const VALIDATOR = rememberingValidator(specValidator());

/** A fleet whose rollouts are as a test says; git, forge and store outlive every restart. */
class House {
  readonly forge = new MemoryForge();
  readonly repository = new MemoryRepository();
  readonly rollouts: Rollout[] = [];
  readonly decided: Decision[] = [];
  store = new MemoryStore();
  desk: Desk | undefined;
  wayBack: WayBack | undefined;

  commit(fleet: WrittenFleet, changes: ReadonlyMap<string, string> = new Map()): GitCommit {
    return this.repository.commit(new Map([...filesOf(fleet), ...changes]));
  }

  /** The rollout that a commit begins, in the state given. */
  begin(fleet: WrittenFleet, commit: GitCommit, changes: Partial<Rollout> = {}): Rollout {
    const [wanted] = desiredOf(fleet).fleets;
    const release = need(desiredOf(fleet).releases.find(({ name }) => name === wanted?.release));
    const { rollout } = startRollout({
      fleet: FIELD,
      release: release.name,
      payloadHash: release.payloadHash,
      gitCommit: commit,
      nowMs: millis(NOW_MS),
      boards: 4,
      before: this.rollouts,
    });
    this.rollouts.push({ ...rollout, ...changes });
    return need(this.rollouts.at(-1));
  }

  async start(): Promise<void> {
    const ledger = emptyLedger();
    const current = this.rollouts.at(-1);
    if (current !== undefined) ledger.rollouts.set(FIELD, current);
    ledger.history.set(FIELD, this.rollouts.slice(0, -1));
    const desk = await openDesk(this.store, ledger);
    desk.mayDecide = true;
    this.desk = desk;
    const memory = new ForgeMemory(desk);
    const { forge, repository } = this;
    const takeHead = headTaker(forge, repository);
    this.wayBack = new WayBack({
      desk,
      forge,
      memory,
      branches: new OwnBranches({ forge, memory, repository, takeHead }),
      restorer: new Restorer(new Checkouts(this.repository, VALIDATOR), simpleMerge),
      proposals: new Proposals(this.store),
      fromRoot: files => new Map([...files].map(([path, bytes]) => [`fleets/${path}`, bytes])),
      pollMs: 1_000,
    });
  }

  decide(...decisions: readonly Decision[]): Promise<void> {
    return need(this.desk).decide(draft => {
      for (const decision of decisions) draft.decide(decision);
    });
  }

  look = async () => {
    await need(this.desk).note({ meta: { goodCommit: await this.repository.fetch() } });
    return need(this.wayBack).look();
  };
  decisions = async (kind: Decision['kind']) => (await this.store.decisions(kind, 99)).map(({ decision }) => decision);

  /** The database is gone; the audit branch gives the decisions back, and nothing else. */
  async loseStore(): Promise<void> {
    const kinds = [
      'revert-wanted',
      'revert-proposed',
      'revert-impossible',
      'revert-withdrawn',
      'board-failed',
    ] as const;
    const kept = (await Promise.all(kinds.map(kind => this.store.decisions(kind, 99)))).flat();
    this.store = new MemoryStore();
    await this.store.commit({ decisions: kept, meta: { decisions: 1_000 } });
    await this.start();
  }
}

const failure = { reason: 'failure-budget', message: '2 boards failed, 1 may', atMs: millis(NOW_MS) } as const;
const wanted = (rollout: Rollout): Decision => ({
  kind: 'revert-wanted',
  fleet: FIELD,
  rollout: rollout.id,
  gitCommit: rollout.gitCommit,
  message: failure.message,
});

const SIGNERS = ['k-vendor', 'k-operator'].map(keyId => {
  const { privateKey } = generateKeyPairSync('ed25519');
  return { keyId: need(parseKeyId(keyId)), privateKey, publicKey: need(publicKeyOf(privateKey)) };
});

/** The root with these keys, and r-1 signed by them. */
function signed(fleet: WrittenFleet): ReadonlyMap<string, string> {
  const files = filesOf(fleet);
  const root = SIGNERS.reduce(
    (text, { keyId, publicKey }) => text.replace(new RegExp(`(${keyId}: .*public: )".*"`), `$1"${publicKey}"`),
    need(files.get('root.yaml')),
  );
  const payload = Buffer.from(canonicalJson(parse(need(files.get('releases/r-1.yaml')))));
  const envelope = signEnvelope(payloadTypeOf('Release'), payload, SIGNERS);
  return new Map([
    ['root.yaml', root],
    ['releases/r-1.dsse.json', JSON.stringify(envelope)],
  ]);
}

let house: House;

/** r-1 went well, r-2 was stopped by its boards. */
async function stopped(): Promise<Rollout> {
  house = new House();
  house.begin({ release: 'r-1' }, house.commit({ release: 'r-1' }), { outcome: 'completed', stage: 2 });
  const rollout = house.begin({ release: 'r-2' }, house.commit({ release: 'r-2' }), { stage: 1, pause: failure });
  await house.start();
  await house.decide(wanted(rollout), {
    kind: 'board-failed',
    fleet: FIELD,
    rollout: rollout.id,
    device: deviceId('hub-1'),
    attempt: 1,
    reason: 'os-unhealthy',
    message: 'check api: refused',
  });
  return rollout;
}

const textIn = (path: string): string => Buffer.from(need(house.forge.written.at(-1)?.files.get(path))).toString();

describe('when boards stop a rollout whose fleet wants to go back', () => {
  let rollout: Rollout;
  beforeEach(async () => {
    rollout = await stopped();
  });

  test('then one pull request puts the fleet back as it was, and says what failed', async () => {
    await house.look();
    await house.look();
    expect(house.forge.pulls).toHaveLength(1);
    expect(textIn('fleets/field/fleet.yaml')).toBe(filesOf({ release: 'r-1' }).get('field/fleet.yaml'));
    expect([...need(house.forge.written[0]).files.keys()]).toEqual(['fleets/field/fleet.yaml']);
    const { body } = need(house.forge.bodies.get(1));
    for (const part of ['hub-1', 'os-unhealthy', 'check api: refused', 'r-1']) expect(body).toContain(part);
    expect(await house.decisions('revert-proposed')).toMatchObject([
      { rollout: rollout.id, release: 'r-1', number: 1 },
    ]);
  });

  test('and the branch moves on, then the pull request is based on its head again', async () => {
    await house.look();
    const other = new Map([['depot.yaml', '# nothing yet\n']]);
    const head = house.commit({ release: 'r-2' }, other);
    await house.look();
    expect(house.forge.written.map(({ onto }) => onto)).toEqual([rollout.gitCommit, head]);
    expect(house.forge.pulls).toHaveLength(1);
  });

  test('and somebody has pushed to its branch, then it is theirs', async () => {
    await house.look();
    house.forge.push(revertBranch(rollout));
    house.commit({ release: 'r-2' }, new Map([['depot.yaml', '# nothing yet\n']]));
    await house.look();
    expect(house.forge.written).toHaveLength(1);
  });

  test('and somebody closes it, then it stays closed', async () => {
    await house.look();
    house.forge.close(1);
    house.commit({ release: 'r-2' }, new Map([['depot.yaml', '# nothing yet\n']]));
    await house.look();
    await house.loseStore();
    await house.look();
    expect(house.forge.pulls.map(({ state }) => state)).toEqual(['closed']);
  });

  test('and the fleet moves on by itself, then it is withdrawn', async () => {
    await house.look();
    house.rollouts.push({ ...need(house.rollouts.pop()), outcome: 'superseded' });
    house.begin({ release: 'r-3' }, house.commit({ release: 'r-3' }));
    await house.start();
    await house.look();
    await house.look();
    expect(house.forge.pulls.map(({ state }) => state)).toEqual(['closed']);
    expect(await house.decisions('revert-withdrawn')).toMatchObject([{ rollout: rollout.id, number: 1 }]);
  });

  test('and other lines of the fleet were changed since, then only the release goes back', async () => {
    const text = need(filesOf({ release: 'r-2' }).get('field/fleet.yaml'));
    house.commit(
      { release: 'r-2' },
      new Map([['field/fleet.yaml', text.replace('release: r-2', 'release: r-2   # tried')]]),
    );
    await house.look();
    expect(textIn('fleets/field/fleet.yaml')).toBe(text.replace('release: r-2', 'release: r-1   # tried'));
  });

  test('and the release was deleted since, then it comes back as well', async () => {
    const { 'r-2': newer } = { 'r-2': { fw: '1.2', os: 'b' } };
    house.commit({ release: 'r-2', releases: { 'r-2': newer } });
    await house.look();
    expect(textIn('fleets/releases/r-1.yaml')).toBe(filesOf().get('releases/r-1.yaml'));
    expect(textIn('fleets/field/fleet.yaml')).toContain('release: r-1');
  });

  test('and other documents stand in the file of the fleet, then they stay as they have become', async () => {
    house = new House();
    const twin = (release: string) =>
      need(filesOf({ release, name: 'twin', devices: ['dock-1'] }).get('twin/fleet.yaml'));
    const both = (field: string, other: string) =>
      new Map([
        ...filesOf({ name: 'twin', devices: ['dock-1'] }),
        ['twin/fleet.yaml', `${need(filesOf({ release: field }).get('field/fleet.yaml'))}---\n${twin(other)}`],
        ['field/fleet.yaml', ''],
      ]);
    house.begin({ release: 'r-1' }, house.commit({ release: 'r-1' }, both('r-1', 'r-1')), { outcome: 'completed' });
    const changed = house.begin({ release: 'r-2' }, house.commit({ release: 'r-2' }, both('r-2', 'r-3')), {
      pause: failure,
    });
    await house.start();
    await house.decide(wanted(changed));
    await house.look();
    expect(textIn('fleets/twin/fleet.yaml')).toBe(both('r-1', 'r-3').get('twin/fleet.yaml'));
  });

  test('and the release was edited in place, then its old text and its old signatures come back', async () => {
    house = new House();
    const { 'r-1': factory, 'r-2': newer } = RELEASES;
    const then: WrittenFleet = { releases: { 'r-1': factory } };
    const now: WrittenFleet = { releases: { 'r-1': newer } };
    house.begin(then, house.commit(then, signed(then)), { outcome: 'completed' });
    const changed = house.begin(now, house.commit(now, signed(now)), { pause: failure });
    await house.start();
    await house.decide(wanted(changed));
    await house.look();
    expect(textIn('fleets/releases/r-1.yaml')).toBe(filesOf(then).get('releases/r-1.yaml'));
    expect(textIn('fleets/releases/r-1.dsse.json')).toBe(signed(then).get('releases/r-1.dsse.json'));
  });

  test('and git wants something else by now, then nothing is proposed', async () => {
    house.commit({ release: 'r-3' });
    await house.look();
    expect(house.forge.pulls).toEqual([]);
  });

  test('and nobody asked for it, then nothing is proposed', async () => {
    house.store = new MemoryStore();
    await house.start();
    await house.look();
    expect(house.forge.pulls).toEqual([]);
  });
});

describe('when there is nothing good to go back to', () => {
  test.each([
    ['it is the first release', async () => {}],
    [
      'it is the way back itself',
      async () => {
        house.begin({ release: 'r-2' }, house.commit({ release: 'r-2' }), { outcome: 'completed' });
        house.begin({ release: 'r-1' }, house.commit({ release: 'r-1' }), { outcome: 'superseded', pause: failure });
      },
    ],
    [
      'what was there before has failed as well',
      async () => {
        house.begin({ release: 'r-1' }, house.commit({ release: 'r-1' }), { outcome: 'superseded', pause: failure });
      },
    ],
  ] as const)('because %s, then that is decided, once', async (_why, before) => {
    house = new House();
    await before();
    const rollout = house.begin({ release: 'r-2' }, house.commit({ release: 'r-2' }), { stage: 1, pause: failure });
    await house.start();
    await house.decide(wanted(rollout));
    await house.look();
    await house.look();
    expect(house.forge.pulls).toEqual([]);
    expect(await house.decisions('revert-impossible')).toHaveLength(1);
  });
});

type Move =
  | { readonly kind: 'look'; readonly call: number; readonly fault?: 'is lost' | 'is done unheard' }
  | {
      readonly kind:
        | 'restart'
        | 'lose the database'
        | 'a person closes'
        | 'a person pushes'
        | 'the branch moves'
        | 'it fails again';
    };

const move: fc.Arbitrary<Move> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('look' as const),
      call: fc.integer({ min: 1, max: 6 }),
      fault: fc.constantFrom('is lost' as const, 'is done unheard' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('look' as const), call: fc.constant(1) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        'restart',
        'lose the database',
        'a person closes',
        'a person pushes',
        'the branch moves',
        'it fails again',
      ),
    }),
  },
);

async function make(one: Move, rollout: Rollout, index: number): Promise<void> {
  const { forge } = house;
  switch (one.kind) {
    case 'look':
      if (one.fault !== undefined) forge.fail(one.call, one.fault);
      await house.look().catch(() => {});
      // What threw may have left half of its work behind; a loop would look again with the same objects.
      return;
    case 'restart':
      return house.start();
    case 'lose the database':
      return house.loseStore();
    case 'a person closes':
      if (forge.pulls.length > 0) forge.close(1);
      return;
    case 'a person pushes':
      return forge.push(revertBranch(rollout));
    case 'the branch moves':
      house.commit({ release: 'r-2' }, new Map([['depot.yaml', `# ${index}\n`]]));
      return;
    case 'it fails again':
      return house.decide(wanted(rollout));
  }
}

/** It was opened, nobody heard of it, and a person closed it at once. */
const CLOSED_UNHEARD: [Move[]][] = [1, 2, 3, 4].map(call => [
  [{ kind: 'look', call, fault: 'is done unheard' }, { kind: 'a person closes' }, { kind: 'look', call }],
]);

describe('when answers are lost, the controller dies and people interfere, in any order', () => {
  test('then there is never a second pull request, and one in the end', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(move, { maxLength: 14 }), async moves => {
        const rollout = await stopped();
        for (const [index, one] of moves.entries()) {
          await make(one, rollout, index);
          expect(house.forge.pulls.length).toBeLessThanOrEqual(1);
        }
        await house.start();
        for (let looks = 0; looks < 3; looks += 1) {
          house.forge.fail(0, 'is lost');
          await house.look();
        }
        expect(house.forge.pulls).toHaveLength(1);
        expect(await house.decisions('revert-proposed')).toHaveLength(1);
      }),
      { numRuns: 100, examples: CLOSED_UNHEARD },
    );
  });
});
