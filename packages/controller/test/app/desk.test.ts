// The desk: nothing is heard of before it is stored, and what could not be stored is stored later.

import { encodeReport, topic } from '@seatrial/capsule-plan';
import { type Clock, millis } from '@seatrial/spec';
import { describe, expect, test } from 'vitest';
import { Desk } from '../../src/app/desk.ts';
import { Intake } from '../../src/app/intake.ts';
import { assign } from '../../src/domain/assign.ts';
import { emptyLedger } from '../../src/domain/ledger.ts';
import { PortError } from '../../src/errors.ts';
import { eventually } from '../support/eventually.ts';
import { MemoryStore } from '../support/memory-store.ts';
import { deviceId, NOW_MS, toldBoard } from '../support/told-board.ts';
import { desiredFrom, FACTORY, filesOf, gitCommit, NEWER } from '../support/written-fleet.ts';

const clock: Clock = { now: () => millis(NOW_MS) };

async function aDesk() {
  const store = new MemoryStore();
  const problems: string[] = [];
  const desk = new Desk({
    clock,
    store,
    ledger: emptyLedger(),
    meta: await store.meta(),
    planLifetimeMs: millis(1_000),
    onProblem: (part, problem) => problems.push(`${part} ${problem?.code ?? 'well'}`),
  });
  const results: string[] = [];
  const intake = new Intake({
    desk,
    unreachableAfterMs: 1_000,
    onBoardEvent: () => {},
    onMessage: (_channel, result) => results.push(result),
  });
  return { store, desk, intake, problems, results };
}

const report = (device: string, sequence: number) => ({
  topic: topic(deviceId(device), 'report'),
  payload: encodeReport(toldBoard({ device, sequence, runs: FACTORY })),
  retained: false,
});

describe('when reports arrive', () => {
  test('then each is acknowledged after it is stored, in order, and many make one commit', async () => {
    const { store, intake } = await aDesk();
    const taken: string[] = [];
    for (const device of ['hub-1', 'hub-2', 'hub-3']) {
      intake.arrive(report(device, 1), () => taken.push(`${device} after ${store.commits}`));
    }
    expect(taken).toEqual([]);
    await intake.idle();
    expect(taken).toEqual(['hub-1 after 1', 'hub-2 after 1', 'hub-3 after 1']);
    expect(await store.reports(['hub-1', 'hub-2', 'hub-3'].map(deviceId))).toHaveLength(3);
  });

  test('and the disk is full, then none is acknowledged until there is room, and nothing is lost', async () => {
    const { store, intake, problems } = await aDesk();
    store.failure = new PortError('store-full', 'disk');
    let taken = 0;
    intake.arrive(report('hub-1', 1), () => (taken += 1));
    await eventually(() => problems.includes('store store-full'));
    expect(taken).toBe(0);
    store.failure = undefined;
    await intake.idle();
    expect(taken).toBe(1);
    expect(problems.at(-1)).toBe('store well');
    expect(await store.reports([deviceId('hub-1')])).toHaveLength(1);
  });

  test('and the database is damaged, then none is acknowledged', async () => {
    const { store, intake, problems } = await aDesk();
    store.failure = new PortError('store-corrupt', 'database');
    let taken = 0;
    intake.arrive(report('hub-1', 1), () => (taken += 1));
    await intake.idle();
    expect([taken, problems.at(-1)]).toEqual([0, 'store store-corrupt']);
  });

  test('and one comes twice, then the second is old news', async () => {
    const { intake, results } = await aDesk();
    intake.arrive(report('hub-1', 5), () => {});
    intake.arrive(report('hub-1', 5), () => {});
    intake.arrive(report('hub-1', 4), () => {});
    await intake.idle();
    expect(results).toEqual(['taken', 'report-old', 'report-old']);
  });
});

describe('when a board reports what our rules can not bear', () => {
  test('then it is told and kept, and the others of its batch are heard', async () => {
    const { store, desk, intake, results } = await aDesk();
    const beyondAllDates = { nowMs: millis(Number.MAX_SAFE_INTEGER) };
    await desk.decide(draft => {
      const windows = '[{ start: "0 2 * * *", duration: 3h, timeZone: device }]';
      const files = new Map([...filesOf({ release: 'r-2' })].map(([path, text]) => [path, withWindows(text, windows)]));
      const options = { gitCommit: gitCommit('1'), requireSignatures: false, unheardUntilMs: draft.nowMs };
      assign(desk.ledger, desiredFrom(files), options);
    });
    const broken = toldBoard({ device: 'hub-1', sequence: 1, runs: FACTORY, fetched: NEWER });
    const observed = { ...broken.observed, clock: { ...broken.observed.clock, ...beyondAllDates } };
    const message = { ...report('hub-1', 1), payload: encodeReport({ ...broken, observed }) };
    let taken = 0;
    for (const each of [report('hub-2', 1), message, report('hub-3', 1)]) intake.arrive(each, () => (taken += 1));
    await intake.idle();
    expect([taken, results]).toEqual([3, ['taken', 'report-unjudgeable', 'taken']]);
    expect(await store.reports(['hub-1', 'hub-2', 'hub-3'].map(deviceId))).toHaveLength(3);
  });
});

const withWindows = (text: string, windows: string): string =>
  text.includes('kind: Fleet') ? text.replace('  download:', `  windows: ${windows}\n  download:`) : text;

describe('when something is decided', () => {
  test('then nobody hears of it before it is stored, and events are numbered without gaps', async () => {
    const { store, desk } = await aDesk();
    const heard: string[] = [];
    desk.listen({
      onEvents: events => heard.push(...events.map(({ seq, message }) => `${seq} ${message} after ${store.commits}`)),
    });
    await Promise.all([
      desk.decide(draft => draft.tell({ kind: 'told', message: 'one' })),
      desk.decide(draft => draft.tell({ kind: 'told', message: 'two' })),
    ]);
    expect(heard).toEqual(['1 one after 1', '2 two after 2']);
    expect(await store.meta()).toMatchObject({ lastEvent: 2 });
  });

  test('and nothing changes, then nothing is written', async () => {
    const { store, desk } = await aDesk();
    await desk.decide(() => {});
    expect(store.commits).toBe(0);
  });

  test('and deciding throws, then nothing is stored and the next decision is taken', async () => {
    const { store, desk } = await aDesk();
    const failing = desk.decide(draft => {
      draft.tell({ kind: 'told', message: 'never' });
      throw new Error('a defect');
    });
    await expect(failing).rejects.toThrow('a defect');
    await desk.decide(draft => draft.tell({ kind: 'told', message: 'next' }));
    expect(await store.events({ limit: 9 })).toMatchObject([{ seq: 1, message: 'next' }]);
  });
});
