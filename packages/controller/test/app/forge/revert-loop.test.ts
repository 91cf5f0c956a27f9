// The way back: what is proposed for which failure, and what people may do to it.

import { generateKeyPairSync } from 'node:crypto';
import { canonicalJson, parseKeyId, payloadTypeOf, publicKeyOf, signEnvelope } from '@seatrial/spec';
import { beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Rollout } from '../../../src/domain/rollout.ts';
import { revertBranch } from '../../../src/domain/way-back/revert-text.ts';
import { failure, House, stopped, wanted } from '../../support/house-of-rollouts.ts';
import { MemoryStore } from '../../support/memory-store.ts';
import { need } from '../../support/told-board.ts';
import { filesOf, RELEASES, type WrittenFleet } from '../../support/written-fleet.ts';

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

const textIn = (path: string): string => Buffer.from(need(house.forge.written.at(-1)?.files.get(path))).toString();

describe('when boards stop a rollout whose fleet wants to go back', () => {
  let rollout: Rollout;
  beforeEach(async () => {
    ({ house, rollout } = await stopped());
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
