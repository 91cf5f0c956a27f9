// What the clock alone does to boards.

import { millis } from '@seatrial/spec';
import { expect, test } from 'vitest';
import { Desk } from '../../src/app/desk.ts';
import { tick } from '../../src/app/tick-loop.ts';
import { takePresence } from '../../src/domain/take-report.ts';
import { FleetSimulation } from '../support/fleet-simulation.ts';
import { MemoryStore } from '../support/memory-store.ts';
import { HOUR_MS } from '../support/paper-rollout.ts';
import { deviceId, need } from '../support/told-board.ts';
import { desiredOf, FACTORY } from '../support/written-fleet.ts';

test('when a board was silent for longer than its time, then it gets that time again once it speaks', async () => {
  const fleet = new FleetSimulation();
  fleet.report({ device: 'hub-1', runs: FACTORY });
  fleet.commit(desiredOf({ release: 'r-2', devices: ['hub-1'], deviceTimeout: '6h' }));
  const row = need(fleet.ledger.boards.rows.get(deviceId('hub-1')));
  const store = new MemoryStore();
  const desk = new Desk({
    clock: { now: () => fleet.nowMs },
    store,
    ledger: fleet.ledger,
    meta: await store.meta(),
    planLifetimeMs: millis(1e12),
    onProblem: () => {},
  });
  const pass = async (ms: number): Promise<string> => {
    fleet.nowMs = millis(fleet.nowMs + ms);
    await tick({ desk, tickMs: 1_000, planLifetimeMs: millis(0) });
    return fleet.standing('hub-1');
  };

  takePresence(fleet.ledger, row, { online: false, unreachableAtMs: millis(fleet.nowMs + 60_000) }, fleet.nowMs);
  expect(await pass(HOUR_MS)).toBe('unreachable');
  expect(await pass(30 * HOUR_MS)).toBe('unreachable');
  takePresence(fleet.ledger, row, { online: true, unreachableAtMs: fleet.nowMs }, fleet.nowMs);
  expect(await pass(5 * HOUR_MS)).toBe('pending');
  expect(await pass(2 * HOUR_MS)).toBe('overdue');
});
