// What is known of boards that failed and of boards that can not go back, from what they last reported.

import { encodeReport } from '@seatrial/capsule-plan';
import { type Millis, millis, type Sha256 } from '@seatrial/spec';
import { beforeEach, describe, expect, test } from 'vitest';
import { failureSample, failuresByRollout, stuckBoards } from '../../../src/app/forge/evidence.ts';
import { assign } from '../../../src/domain/assign.ts';
import { emptyLedger, type Ledger } from '../../../src/domain/ledger.ts';
import { steer } from '../../../src/domain/steer.ts';
import { takeReport } from '../../../src/domain/take-report.ts';
import { FIELD } from '../../support/fleet-simulation.ts';
import { MemoryStore } from '../../support/memory-store.ts';
import { deviceId, NOW_MS, need, type ToldBoard, toldBoard } from '../../support/told-board.ts';
import { desiredOf, FACTORY, gitCommit, NEWER } from '../../support/written-fleet.ts';

const nowMs = NOW_MS as Millis;
let ledger: Ledger;
let store: MemoryStore;
const sequences = new Map<string, number>();

const look = () => steer(ledger, FIELD, { nowMs, lifetimeMs: millis(1_000_000), rows: 'all' });

async function report(told: Omit<ToldBoard, 'sequence'>): Promise<void> {
  const sequence = (sequences.get(told.device) ?? 0) + 1;
  sequences.set(told.device, sequence);
  const one = toldBoard({ ...told, sequence });
  takeReport(ledger, one, { nowMs, isLive: true });
  await store.commit({ reports: [{ device: one.device, sequence, receivedAtMs: nowMs, body: encodeReport(one) }] });
  look();
}

const wanted = (release: string) => {
  const desired = desiredOf({ release, failureBudget: '9', stages: ['{ limit: 100% }'] });
  assign(ledger, desired, {
    gitCommit: gitCommit(release === 'r-1' ? '1' : '2'),
    requireSignatures: false,
    unheardUntilMs: nowMs,
  });
  look();
};

beforeEach(async () => {
  ledger = emptyLedger();
  store = new MemoryStore();
  sequences.clear();
  wanted('r-1');
  for (const device of ['hub-1', 'hub-2', 'hub-3', 'hub-4']) await report({ device, runs: FACTORY });
  wanted('r-2');
});

const rollout = () => need(ledger.rollouts.get(FIELD));
const entry = () => need(ledger.fleets.get(FIELD));
const plan = (): NonNullable<ToldBoard['plan']> => ({ generation: 2, payloadHash: entry().release.payloadHash });

describe('when a release has failed and the boards are asked whether they can go back', () => {
  const goal = () => {
    const { payload, payloadHash } = need(desiredOf().releases.find(({ name }) => String(name) === 'r-1'));
    const { board, policy } = entry().content;
    return { board, policy, payload, payloadHash, attempt: 1 };
  };
  const stuck = async () =>
    (await stuckBoards({ ledger, store }, { rollout: rollout(), entry: entry(), target: goal() })).first;

  test('then those whose firmware may not go below what they committed are named, and no other', async () => {
    const earned = entry().release.payloadHash;
    await report({ device: 'hub-1', runs: NEWER, plan: plan(), earned, floor: '1.2' });
    await report({ device: 'hub-2', runs: { ...NEWER, fw: '1.1' }, plan: plan(), floor: '1.0' });
    await report({ device: 'hub-3', runs: FACTORY, plan: plan(), failed: { payloadHash: earned } });
    expect(await stuck()).toEqual(['hub-1']);
  });

  test('then firmware that was committed in this boot counts, although the ESRT does not show it yet', async () => {
    await report({ device: 'hub-1', runs: NEWER, plan: plan(), earned: entry().release.payloadHash, floor: '1.0' });
    expect(await stuck()).toEqual(['hub-1']);
  });

  test('then boards that the rollout has not moved are not asked', async () => {
    wanted('r-1');
    expect(await stuck()).toEqual([]);
  });
});

describe('when boards have failed', () => {
  const failed = (device: string) => ({ device: deviceId(device), reason: 'os-unhealthy', message: 'no' });
  const attempting = (payloadHash: Sha256) => ({ payloadHash, to: NEWER, failing: true });

  test('then those that are back are told from those that are on their way, also when asked again', async () => {
    const { payloadHash } = entry().release;
    await report({ device: 'hub-1', runs: NEWER, plan: plan(), attempting: attempting(payloadHash) });
    await report({ device: 'hub-2', runs: FACTORY, plan: plan(), failed: { payloadHash } });
    await report({ device: 'hub-3', runs: NEWER, plan: plan(), earned: payloadHash });
    const known = new Set<string>();
    const sample = () => failureSample({ ledger, store }, ['hub-1', 'hub-2', 'hub-3'].map(failed), known);
    expect(await sample()).toMatchObject({ count: 2, back: 1, first: [{ device: 'hub-1' }, { device: 'hub-2' }] });
    await report({ device: 'hub-1', runs: FACTORY, plan: plan(), failed: { payloadHash } });
    expect(await sample()).toMatchObject({ count: 2, back: 2 });
  });

  test('then the last failure of each board counts, rollout by rollout', async () => {
    const decision = (device: string, inRollout: string, reason: string, atMs: number) => ({
      id: `${device} ${inRollout} ${reason}`,
      atMs: millis(atMs),
      decision: {
        kind: 'board-failed',
        fleet: FIELD,
        rollout: inRollout,
        device: deviceId(device),
        attempt: 1,
        reason,
        message: reason,
      } as const,
    });
    await store.commit({
      decisions: [
        decision('hub-1', 'field-r2', 'late', 2),
        decision('hub-1', 'field-r2', 'early', 1),
        decision('hub-1', 'field-r1', 'first', 3),
      ],
    });
    const found = await failuresByRollout(store);
    expect(found.get('field-r2')?.map(({ reason }) => reason)).toEqual(['late']);
    expect(found.get('field-r1')?.map(({ reason }) => reason)).toEqual(['first']);
  });
});
