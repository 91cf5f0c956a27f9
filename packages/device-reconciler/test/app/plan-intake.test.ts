// Which plans a board follows: what it refuses, what it keeps, and what outlives a restart.

import type { Plan } from '@seatrial/capsule-plan';
import { millis, parseDeviceId, parseGeneration } from '@seatrial/spec';
import { describe, expect, test } from 'vitest';
import { controllerRole } from '../../src/adapters/trust-root-file.ts';
import { isExpired, planIntake } from '../../src/app/plan-intake.ts';
import { PortError } from '../../src/errors.ts';
import type { TrustSource } from '../../src/ports/trust-source.ts';
import { FakeBoard } from '../world/fake-board.ts';
import { controller, DEVICE, digest, NOON, need, plan, signed } from '../world/values.ts';

const CONTROLLER = controller();
const trusting = (role = CONTROLLER.role): TrustSource => ({ controller: async () => role });
const generation = (number: number): Pick<Plan, 'generation'> => ({ generation: need(parseGeneration(number)) });
const intakeOf = (board: FakeBoard, trust = trusting()) => planIntake({ device: DEVICE, trust, ports: board.ports });

describe('when a plan is in order', () => {
  test('then it is accepted, and on the disk before it counts as taken', async () => {
    const board = new FakeBoard();
    const intake = await intakeOf(board);
    expect(await intake.offer(signed(plan(), CONTROLLER))).toEqual({ kind: 'accepted', plan: plan() });
    expect(intake.current()).toEqual(plan());
    expect(board.records.writes).toEqual(['last-plan']);
  });

  test('then the same again is known, and writes nothing', async () => {
    const board = new FakeBoard();
    const intake = await intakeOf(board);
    await intake.offer(signed(plan(), CONTROLLER));
    expect(await intake.offer(signed(plan(), CONTROLLER))).toEqual({ kind: 'known' });
    expect(board.records.writes).toHaveLength(1);
    expect(intake.refused()).toEqual({});
  });

  test('then it outlives a restart, even when its time is over', async () => {
    const board = new FakeBoard();
    await (await intakeOf(board)).offer(signed(plan(), CONTROLLER));
    board.timer.nowMs = millis(NOON + 10 * 86_400_000);
    const intake = await intakeOf(board);
    expect(intake.current()).toEqual(plan());
    expect(isExpired(plan(), board.timer.now())).toBe(true);
  });

  test('then under another name the board has seen none, whatever number its old name had seen', async () => {
    const board = new FakeBoard();
    await (await intakeOf(board)).offer(signed(plan(generation(9)), CONTROLLER));
    const device = need(parseDeviceId('hub-other'));
    const intake = await planIntake({ device, trust: trusting(), ports: board.ports });
    expect(intake.current()).toBeUndefined();
    const own = plan({ ...generation(1), device });
    expect(await intake.offer(signed(own, CONTROLLER))).toEqual({ kind: 'accepted', plan: own });
  });

  test('then its time may be renewed under the same number', async () => {
    const intake = await intakeOf(new FakeBoard());
    await intake.offer(signed(plan(), CONTROLLER));
    const renewed = plan({ expiresAtMs: millis(NOON + 2 * 86_400_000) });
    expect(await intake.offer(signed(renewed, CONTROLLER))).toMatchObject({ kind: 'accepted' });
    expect(intake.current()?.expiresAtMs).toBe(renewed.expiresAtMs);
  });

  test('then a disk that refuses leaves the board with the plan it had', async () => {
    const board = new FakeBoard();
    const intake = await intakeOf(board);
    await intake.offer(signed(plan(), CONTROLLER));
    const write = board.records.write.bind(board.records);
    board.records.write = async () => {
      throw new PortError('disk-full', 'last-plan');
    };
    await expect(intake.offer(signed(plan(generation(2)), CONTROLLER))).rejects.toMatchObject({ code: 'disk-full' });
    expect(intake.current()?.generation).toBe(1);
    board.records.write = write;
    expect(await intake.offer(signed(plan(generation(2)), CONTROLLER))).toMatchObject({ kind: 'accepted' });
  });
});

describe('when the topic of a plan is cleared', () => {
  test('then the board keeps to the plan that it has, and nothing is counted', async () => {
    const intake = await intakeOf(new FakeBoard());
    await intake.offer(signed(plan(), CONTROLLER));
    expect(await intake.offer(new Uint8Array())).toEqual({ kind: 'withdrawn' });
    expect([intake.current(), intake.refused()]).toEqual([plan(), {}]);
  });
});

describe('when a plan is not to be acted on', () => {
  const text = (message: string) => new TextEncoder().encode(message);
  const good = () => signed(plan(generation(5)), CONTROLLER);

  test.each<[string, () => Uint8Array, string]>([
    ['is signed by a stranger', () => signed(plan(generation(6)), controller('controller-1')), 'unsigned'],
    [
      'was changed after it was signed',
      () => text(new TextDecoder().decode(good()).replace(/"sig":"..../, '"sig":"AAAA')),
      'unsigned',
    ],
    [
      'is for another board',
      () => signed(plan({ ...generation(6), device: need(parseDeviceId('bench-2')) }), CONTROLLER),
      'other-board',
    ],
    ['is older', () => signed(plan(generation(4)), CONTROLLER), 'old-generation'],
    [
      'says something else under the same number',
      () => signed(plan({ ...generation(5), payloadHash: digest('9') }), CONTROLLER),
      'old-generation',
    ],
    ['has expired', () => signed(plan({ ...generation(6), expiresAtMs: millis(NOON - 1) }), CONTROLLER), 'expired'],
    ['is too large', () => text(JSON.stringify({ payload: 'x'.repeat(5_000) })), 'oversized'],
    ['is cut off', () => good().subarray(0, 200), 'malformed'],
    ['is no text', () => Uint8Array.from([0xff, 0xfe, 0x00]), 'malformed'],
  ])('then one that %s is refused and counted, and the board keeps what it had', async (_name, make, why) => {
    const board = new FakeBoard();
    const intake = await intakeOf(board);
    await intake.offer(good());
    expect(await intake.offer(make())).toEqual({ kind: 'refused', why });
    expect(await intake.offer(make())).toEqual({ kind: 'refused', why });
    expect(intake.refused()).toEqual({ [why]: 2 });
    expect(intake.current()?.generation).toBe(5);
    expect(board.records.writes).toHaveLength(1);
  });

  test('then the number that was seen outlives the key that signed it: what is old stays old', async () => {
    const board = new FakeBoard();
    await (await intakeOf(board)).offer(good());
    const successor = controller('controller-2');
    const intake = await intakeOf(board, trusting(successor.role));
    expect(intake.current()).toBeUndefined();
    expect(await intake.offer(signed(plan(generation(4)), successor))).toEqual({
      kind: 'refused',
      why: 'old-generation',
    });
    expect(await intake.offer(signed(plan(generation(5)), successor))).toMatchObject({ kind: 'accepted' });
  });

  test('then a board without a trust root says so, and takes nothing', async () => {
    const trust: TrustSource = {
      controller: async () => {
        throw new PortError('trust-missing', 'root.json');
      },
    };
    const intake = await intakeOf(new FakeBoard(), trust);
    await expect(intake.offer(good())).rejects.toMatchObject({ code: 'trust-missing' });
    expect(intake.current()).toBeUndefined();
  });

  test.each(['{"schema":1', '{"schema":2,"generation":1,"message":""}', 'null', '[]'])(
    'then a record that reads %s is set aside',
    async record => {
      const board = new FakeBoard();
      board.records.stored.set('last-plan', record);
      expect((await intakeOf(board)).current()).toBeUndefined();
      expect(board.records.stored.get('last-plan.corrupt')).toBe(record);
    },
  );
});

describe('when a trust root is read', () => {
  test('then the controller role is found with its keys', () => {
    expect(controllerRole(CONTROLLER.trustRoot)).toEqual(CONTROLLER.role);
  });

  test.each([
    ['no JSON', 'keys:'],
    ['no controller', JSON.stringify({ version: 1, keys: {}, roles: {} })],
    [
      'a key that is not there',
      JSON.stringify({ version: 1, keys: {}, roles: { controller: { threshold: 1, keys: ['a'] } } }),
    ],
    [
      'a key that is none',
      JSON.stringify({ version: 1, keys: { a: 'AAAA' }, roles: { controller: { threshold: 1, keys: ['a'] } } }),
    ],
    [
      'a threshold of nothing',
      JSON.stringify({ version: 1, keys: {}, roles: { controller: { threshold: 0, keys: [] } } }),
    ],
  ])('then one with %s is not believed', (_name, text) => {
    expect(controllerRole(text)).toBeUndefined();
  });
});
