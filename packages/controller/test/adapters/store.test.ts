// The promises of a store, held by the real one and by the one that tests use.

import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Generation, millis } from '@seatrial/spec';
import Database from 'better-sqlite3';
import { afterAll, describe, expect, test } from 'vitest';
import { MIGRATIONS } from '../../src/adapters/sqlite-schema.ts';
import { openSqliteStore } from '../../src/adapters/sqlite-store.ts';
import { type PlanRecord, planContent } from '../../src/domain/plan-record.ts';
import { PortError } from '../../src/errors.ts';
import { type Changes, DELIVERIES_KEPT, type Store, type StoredBoard } from '../../src/ports/store.ts';
import { FIELD } from '../support/fleet-simulation.ts';
import { MemoryStore } from '../support/memory-store.ts';
import { aRollout } from '../support/paper-rollout.ts';
import { deviceId, NOW_MS, need } from '../support/told-board.ts';
import { desiredOf, gitCommit } from '../support/written-fleet.ts';

const directory = mkdtempSync(join(tmpdir(), 'seatrial-store-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
const freshFile = () => join(directory, `${randomUUID()}.db`);

const HUB = deviceId('hub-1');
const at = (ms: number) => millis(NOW_MS + ms);
const [target] = desiredOf().targets;
const content = planContent(need(target));

const plan = (changes: Partial<PlanRecord> = {}): PlanRecord => ({
  device: HUB,
  generation: 1 as Generation,
  fleet: FIELD,
  release: need(target).release,
  gitCommit: gitCommit('1'),
  payloadHash: need(target).payloadHash,
  attempt: 1,
  policyHash: need(target).policyHash,
  content: content.hash,
  issuedAtMs: at(0),
  expiresAtMs: at(1_000),
  ...changes,
});

const report = (sequence: number, text = 'report') => ({
  device: HUB,
  sequence,
  receivedAtMs: at(sequence),
  body: Buffer.from(text),
});
const judgement = {
  payloadHash: need(target).payloadHash,
  attempt: 1,
  kind: 'failed',
  reason: 'os-unhealthy',
  message: 'no',
} as const;
const decision = (id: string) =>
  ({ id, atMs: at(0), decision: { kind: 'rollout-cancelled', fleet: FIELD, rollout: 'field-r1' } }) as const;
const event = (seq: number, device = HUB) => ({
  seq,
  atMs: at(seq),
  kind: 'told',
  message: `event ${seq}`,
  fleet: FIELD,
  device,
});

const all = async (store: Store): Promise<readonly StoredBoard[]> => {
  const boards: StoredBoard[] = [];
  for await (const board of store.boards()) boards.push(board);
  return boards;
};

describe.each([
  ['in SQLite', () => openSqliteStore(freshFile())],
  ['in memory', () => new MemoryStore()],
] as const)('when a store is kept %s', (_where, open) => {
  test('then an empty one has a name of its own and nothing else', async () => {
    const store = open();
    expect(await store.meta()).toMatchObject({ decisions: 0, lastEvent: 0, publishedSerial: 0 });
    expect((await store.meta()).id).not.toBe('');
    expect(await all(store)).toEqual([]);
    await store.close();
  });

  test('then what was committed is there', async () => {
    const store = open();
    const changes: Changes = {
      meta: { goodCommit: gitCommit('a'), decisions: 3, publishedSerial: 7 },
      reports: [report(5)],
      judgements: [{ device: HUB, judgement }],
      presences: [{ device: HUB, online: false, sinceMs: at(9) }],
      clocks: [{ device: HUB, overdueAtMs: at(50) }],
      contents: [content],
      plans: [plan({ movedIn: 'field-r1', downloadNotBeforeMs: at(5) })],
      rollouts: [aRollout()],
      decisions: [decision('x-1')],
      events: [event(1)],
    };
    await store.commit(changes);
    expect(await store.meta()).toMatchObject({ goodCommit: gitCommit('a'), decisions: 3, publishedSerial: 7 });
    expect(await all(store)).toEqual([
      {
        device: HUB,
        report: { sequence: 5, receivedAtMs: at(5) },
        judgement,
        presence: { online: false, sinceMs: at(9) },
        overdueAtMs: at(50),
        plan: plan({ movedIn: 'field-r1', downloadNotBeforeMs: at(5) }),
      },
    ]);
    expect(await store.plan(HUB)).toEqual(plan({ movedIn: 'field-r1', downloadNotBeforeMs: at(5) }));
    expect(await store.contents([content.hash, 'f'.repeat(64) as typeof content.hash])).toEqual([content]);
    expect(await store.rollouts(5)).toEqual([aRollout()]);
    expect(await store.unaudited(5)).toEqual([decision('x-1')]);
    expect(await store.events({ limit: 5 })).toEqual([event(1)]);
    await store.close();
  });

  test('then a report with a lower sequence never overwrites a newer one', async () => {
    const store = open();
    await store.commit({ reports: [report(5, 'new')] });
    await store.commit({ reports: [report(4, 'old'), report(5, 'again')] });
    const [kept] = await store.reports([HUB, deviceId('hub-2')]);
    expect(Buffer.from(need(kept).body).toString()).toBe('new');
    await store.close();
  });

  test('then a plan is unpublished until that very generation is published, and all are when the broker lost them', async () => {
    const store = open();
    await store.commit({
      contents: [content],
      plans: [plan(), plan({ device: deviceId('hub-2'), issuedAtMs: at(-5) })],
    });
    expect((await store.unpublished(9)).map(({ device }) => device)).toEqual(['hub-2', 'hub-1']);
    await store.commit({ plans: [plan({ generation: 2 as Generation })] });
    await store.commit({ published: [{ device: HUB, generation: 1 as Generation }] });
    expect(await store.unpublished(9)).toHaveLength(2);
    await store.commit({ published: [{ device: HUB, generation: 2 as Generation }] });
    expect(await store.unpublished(9)).toHaveLength(1);
    await store.commit({ republish: true });
    expect(await store.unpublished(9)).toHaveLength(2);
    expect(await store.unpublished(1)).toHaveLength(1);
    await store.close();
  });

  test('then a board that stops acting loses its clock', async () => {
    const store = open();
    await store.commit({ clocks: [{ device: HUB, overdueAtMs: at(1) }] });
    await store.commit({ clocks: [{ device: HUB }] });
    expect((await all(store))[0]).toEqual({ device: HUB });
    await store.close();
  });

  test('then only the newest rollouts of each fleet are read, oldest first', async () => {
    const store = open();
    const numbered = (number: number) => aRollout({ id: `field-r${number}`, number });
    await store.commit({ rollouts: [3, 1, 2].map(numbered) });
    expect((await store.rollouts(2)).map(({ number }) => number)).toEqual([2, 3]);
    await store.close();
  });

  test('then a decision is known by its id and audited once', async () => {
    const store = open();
    await store.commit({ decisions: [decision('a'), decision('b')] });
    await store.commit({ decisions: [decision('a'), decision('c')], audited: ['a', 'c'] });
    expect((await store.unaudited(9)).map(({ id }) => id)).toEqual(['b']);
    expect(await store.knownDecisions(['a', 'b', 'z'])).toEqual(new Set(['a', 'b']));
    await store.close();
  });

  test('then the last that was told under a topic is known until it is forgotten', async () => {
    const store = open();
    const told = (topic: string, digest: string) => ({ topic, digest, atMs: at(1), isFinal: digest === 'end' });
    await store.commit({ told: [told('status field-r1', 'begin'), told('status field-r2', 'begin')] });
    await store.commit({ told: [told('status field-r1', 'end')], forgotten: ['status field-r2', 'nobody'] });
    expect(await store.told()).toEqual([told('status field-r1', 'end')]);
    await store.close();
  });

  test('then a delivery that was taken is known, until many others came', async () => {
    const store = open();
    await store.commit({ deliveries: ['first', 'second'] });
    await store.commit({ deliveries: ['second'] });
    expect(await store.knownDeliveries(['first', 'second', 'third'])).toEqual(new Set(['first', 'second']));
    await store.commit({ deliveries: Array.from({ length: DELIVERIES_KEPT }, (_, index) => `later ${index}`) });
    expect(await store.knownDeliveries(['first', 'later 0'])).toEqual(new Set(['later 0']));
    await store.close();
  });

  test('then events are read from the end, or after one, or of one device', async () => {
    const store = open();
    await store.commit({ events: [1, 2, 3, 4].map(seq => event(seq, deviceId(seq % 2 ? 'hub-1' : 'hub-2'))) });
    const seqs = async (query: Parameters<Store['events']>[0]) => (await store.events(query)).map(({ seq }) => seq);
    expect(await seqs({ limit: 2 })).toEqual([3, 4]);
    expect(await seqs({ limit: 2, after: 1 })).toEqual([2, 3]);
    expect(await seqs({ limit: 9, device: deviceId('hub-2') })).toEqual([2, 4]);
    expect(await seqs({ limit: 9, after: 0, fleet: FIELD })).toEqual([1, 2, 3, 4]);
    await store.close();
  });
});

describe('when the SQLite file is opened', () => {
  const codeOf = (work: () => unknown): string => {
    try {
      work();
      return 'opened';
    } catch (error) {
      return error instanceof PortError ? error.code : String(error);
    }
  };

  test('again after an end, then everything is still there', async () => {
    const file = freshFile();
    const first = openSqliteStore(file);
    await first.commit({ reports: [report(5)], plans: [plan()], contents: [content] });
    const { id } = await first.meta();
    await first.close();
    const second = openSqliteStore(file);
    expect(await second.meta()).toMatchObject({ id });
    expect(await all(second)).toHaveLength(1);
    expect(await second.contents([content.hash])).toEqual([content]);
    await second.close();
  });

  test('and an older controller wrote it, then all of it is kept and what is new is empty', async () => {
    const file = freshFile();
    const old = new Database(file);
    for (const step of MIGRATIONS.slice(0, 1)) old.exec(step);
    old.prepare("INSERT INTO meta (key, value) VALUES ('id', 'of old')").run();
    old.pragma('user_version = 1');
    old.close();
    const store = openSqliteStore(file);
    expect(await store.meta()).toMatchObject({ id: 'of old' });
    expect(await store.told()).toEqual([]);
    await store.close();
  });

  test('while another controller has it, then it says so', async () => {
    const file = freshFile();
    const first = openSqliteStore(file);
    await first.commit({ reports: [report(1)] });
    expect(codeOf(() => openSqliteStore(file))).toBe('store-unavailable');
    await first.close();
  });

  test('and a newer controller wrote it, then it says so and changes nothing', () => {
    const file = freshFile();
    const db = new Database(file);
    db.pragma(`user_version = ${MIGRATIONS.length + 1}`);
    db.close();
    expect(codeOf(() => openSqliteStore(file))).toBe('store-newer');
    const after = new Database(file);
    expect(after.pragma('user_version', { simple: true })).toBe(MIGRATIONS.length + 1);
    after.close();
  });

  test('and it is no database, or has no directory, then it says so', () => {
    const file = freshFile();
    writeFileSync(file, 'this is not a database, however long one looks at it'.repeat(100));
    expect(codeOf(() => openSqliteStore(file))).toBe('store-corrupt');
    expect(codeOf(() => openSqliteStore(join(directory, 'missing', 'a.db')))).toBe('store-unavailable');
  });
});
