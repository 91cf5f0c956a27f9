// Why a board is where it is: one row for each thing that can hold it.

import { millis, parseName } from '@seatrial/spec';
import { describe, expect, test } from 'vitest';
import { HOLD_KINDS, type HoldKind } from '../../src/domain/hold.ts';
import { explain, type WhyInput } from '../../src/domain/why.ts';
import { FIELD } from '../support/fleet-simulation.ts';
import { deviceId, need } from '../support/told-board.ts';

const release = need(parseName('r-2'));
const WANTED: NonNullable<WhyInput['wanted']> = {
  fleet: FIELD,
  release,
  pinned: false,
  suspended: false,
  signed: true,
};
const ROLLOUT: NonNullable<WhyInput['rollout']> = {
  id: 'field-r2',
  state: { kind: 'advancing', message: '1 board of stage 1 still to finish' },
  stage: 1,
  stages: 3,
  stageOfBoard: 2,
};
const input = (changes: Partial<WhyInput>): WhyInput => ({
  device: deviceId('hub-1'),
  standing: 'queued',
  connected: true,
  wanted: WANTED,
  rollout: ROLLOUT,
  ...changes,
});

const verdict = (reason: string) => ({ reason, message: `because of ${reason}` });
const at = (state: NonNullable<WhyInput['rollout']>['state']) => ({ ...ROLLOUT, state });

const ROWS: readonly (readonly [string, Partial<WhyInput>, HoldKind])[] = [
  ['its turn has not come', {}, 'stage'],
  [
    'the rollout is paused',
    { rollout: at({ kind: 'paused', reason: 'failure-budget', message: '1 failed' }) },
    'pause',
  ],
  ['the rollout soaks', { rollout: at({ kind: 'soaking', message: 'watched', untilMs: millis(5) }) }, 'soak'],
  [
    'an approval is missing',
    { rollout: at({ kind: 'waiting', for: 'approval', message: 'needs ground-crew' }) },
    'approval',
  ],
  [
    'no board of the stage could act',
    { rollout: at({ kind: 'waiting', for: 'a-board-that-can-act', message: 'none' }) },
    'boards',
  ],
  ['the fleet is suspended', { wanted: { ...WANTED, suspended: true } }, 'suspend'],
  ['the release is not signed', { wanted: { ...WANTED, signed: false } }, 'signatures'],
  ['the window is closed', { standing: 'gated', verdict: verdict('window-closed') }, 'window'],
  ['it is not parked', { standing: 'gated', verdict: verdict('gate-parked') }, 'gate'],
  ['it may not download here', { standing: 'gated', verdict: verdict('download-network') }, 'network'],
  ['firmware can not go back', { standing: 'blocked', verdict: verdict('firmware-below-floor') }, 'floor'],
  ['its ESP is full', { standing: 'blocked', verdict: verdict('esp-full') }, 'blocked'],
  ['it failed', { standing: 'failed', verdict: verdict('os-unhealthy') }, 'failure'],
  ['it is late', { standing: 'overdue', verdict: verdict('fetch-capsule') }, 'overdue'],
  ['it is silent', { standing: 'unreachable', connected: false }, 'unreachable'],
  ['it has not seen its plan', { standing: 'pending', verdict: verdict('plan-not-seen') }, 'plan-not-seen'],
  ['it is at work', { standing: 'updating', verdict: verdict('reboot') }, 'at-work'],
  ['it is pinned', { wanted: { ...WANTED, pinned: true }, standing: 'updating', verdict: verdict('reboot') }, 'pin'],
];

describe('when one asks why', () => {
  test.each(ROWS)('and %s, then that is among the holds', (_when, changes, kind) => {
    expect(explain(input(changes)).holds.map(hold => hold.kind)).toContain(kind);
  });

  test('and no fleet selects the board, then nothing else is said', () => {
    const { wanted: _wanted, rollout: _rollout, ...bare } = input({ standing: 'unassigned' });
    expect(explain(bare).holds.map(({ kind }) => kind)).toEqual(['unclaimed']);
  });

  test('and the board is there, then nothing holds it', () => {
    expect(explain(input({ standing: 'upToDate' })).holds).toEqual([]);
  });

  test('then there is a row here for every kind of hold', () => {
    const seen = new Set([...ROWS.map(([, , kind]) => kind), 'unclaimed']);
    expect(HOLD_KINDS.filter(kind => !seen.has(kind))).toEqual([]);
  });
});
