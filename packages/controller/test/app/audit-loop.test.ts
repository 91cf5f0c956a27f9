// Decisions onto the audit branch: each once, in order, whatever becomes of a push.

import { millis } from '@seatrial/spec';
import { beforeEach, describe, expect, test } from 'vitest';
import { Auditor } from '../../src/app/audit-loop.ts';
import type { Desk } from '../../src/app/desk.ts';
import type { Decision } from '../../src/domain/decision.ts';
import { FIELD } from '../support/fleet-simulation.ts';
import { MemoryAuditLog } from '../support/memory-audit-log.ts';
import { MemoryStore } from '../support/memory-store.ts';
import { openDesk } from '../support/open-desk.ts';
import { aRollout } from '../support/paper-rollout.ts';
import { deviceId } from '../support/told-board.ts';

let log: MemoryAuditLog;
let store: MemoryStore;
let desk: Desk;
let auditor: Auditor;

const open = async () => {
  desk = await openDesk(store);
  auditor = new Auditor(desk, log);
};

beforeEach(async () => {
  log = new MemoryAuditLog();
  store = new MemoryStore();
  await open();
});

/** A rollout of the ledger in the given stage, and the decision that it entered it. */
const enter = (stage: number) =>
  desk.decide(draft => {
    const rollout = aRollout({ stage });
    desk.ledger.rollouts.set(FIELD, rollout);
    draft.rollouts.set(rollout.id, rollout);
    draft.decide({ kind: 'soak-started', fleet: FIELD, rollout: rollout.id, stage, untilMs: millis(1) });
  });

const keepUp = async (): Promise<void> => {
  while ((await auditor.keepUp()).kind === 'again');
};

const stages = () => log.records.map(({ decision }) => ('stage' in decision.decision ? decision.decision.stage : 0));

describe('when decisions are to be recorded', () => {
  test('then each is recorded once, and the last carries the rollout', async () => {
    await enter(1);
    await enter(2);
    await keepUp();
    await keepUp();
    expect(stages()).toEqual([1, 2]);
    expect(log.records.map(({ rollouts }) => rollouts.map(({ stage }) => stage))).toEqual([[], [2]]);
  });

  test.each(['is lost', 'arrives unheard'] as const)('and a push %s, then each is still recorded once', async fate => {
    await enter(1);
    log.next = fate;
    await expect(auditor.keepUp()).rejects.toMatchObject({ code: 'audit-unreachable' });
    await enter(2);
    await keepUp();
    expect(stages()).toEqual([1, 2]);
    expect(desk.ledger.rollouts.get(FIELD)?.stage).toBe(2);
  });

  test('and a push arrived unheard before a crash, then nothing is recorded twice after it', async () => {
    await enter(1);
    log.next = 'arrives unheard';
    await expect(auditor.keepUp()).rejects.toMatchObject({ code: 'audit-unreachable' });
    await open();
    await keepUp();
    expect(stages()).toEqual([1]);
  });
});

describe('when the database does not know what the branch does', () => {
  test('then rollouts and told failures are those of the branch', async () => {
    const failed: Decision = {
      kind: 'board-failed',
      fleet: FIELD,
      rollout: 'field-r1',
      device: deviceId('hub-1'),
      attempt: 1,
      reason: 'os-unhealthy',
      message: 'no',
    };
    await enter(3);
    await desk.decide(draft => draft.decide(failed));
    await keepUp();
    store = new MemoryStore();
    await open();
    await keepUp();
    expect(desk.ledger.rollouts.get(FIELD)).toEqual(aRollout({ stage: 3 }));
    expect(desk.ledger.told.size).toBe(1);
    expect((await store.rollouts(9)).map(({ stage }) => stage)).toEqual([3]);
    expect(await store.unaudited(9)).toEqual([]);
    expect(stages()).toHaveLength(2);
  });
});
