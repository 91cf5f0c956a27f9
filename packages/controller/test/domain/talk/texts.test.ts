// The texts of statuses and comments: short enough, true, and harmless whatever boards say.

import { join } from 'node:path';
import { type MaintenanceWindow, millis, parseName } from '@seatrial/spec';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RolloutState } from '../../../src/domain/rollout.ts';
import { type FleetProgress, NO_FAILURES, type ProgressCounts } from '../../../src/domain/talk/fleet-progress.ts';
import { codeSpan } from '../../../src/domain/talk/markdown.ts';
import { eventText, nextEvent } from '../../../src/domain/talk/next-event.ts';
import { progressComment } from '../../../src/domain/talk/progress-comment.ts';
import { statusOf } from '../../../src/domain/talk/status-text.ts';
import { aRollout } from '../../support/paper-rollout.ts';
import { deviceId, NOW_MS, need } from '../../support/told-board.ts';
import { gitCommit } from '../../support/written-fleet.ts';

const COUNTS: ProgressCounts = {
  cohort: 40,
  upToDate: 12,
  updating: 3,
  pending: 0,
  queued: 20,
  failed: 1,
  rolledBack: 1,
  gated: 2,
  blocked: 0,
  unreachable: 1,
};

const at = (hours: number) => millis(NOW_MS + hours * 3_600_000);
const ADVANCING: RolloutState = { kind: 'advancing', message: '3 boards of stage 2 still to finish', untilMs: at(12) };

const progress = (changes: Partial<FleetProgress> = {}): FleetProgress => {
  const { fleet, id: rollout, release, startedAtMs } = aRollout();
  return {
    ...{ fleet, rollout, release, startedAtMs },
    commit: gitCommit('1'),
    state: ADVANCING,
    stage: 2,
    stages: 4,
    counts: COUNTS,
    failures: NO_FAILURES,
    ...changes,
  };
};

const done = (outcome: 'completed' | 'superseded' | 'cancelled'): RolloutState => ({
  kind: 'done',
  outcome,
  message: outcome,
});

const window = (timeZone: string): MaintenanceWindow =>
  ({ start: '0 2 * * *', durationMs: millis(3_600_000), timeZone }) as unknown as MaintenanceWindow; // branded texts

describe('when a fleet is told of in one line', () => {
  test.each([
    ['is at work', ADVANCING, 'pending', false],
    ['is watched', { kind: 'soaking', message: '', untilMs: at(1) }, 'pending', false],
    ['waits for an approval', { kind: 'waiting', for: 'approval', message: 'ground-crew' }, 'pending', false],
    ['was paused by somebody', { kind: 'paused', reason: 'operator', message: 'lunch' }, 'pending', false],
    ['spent its budget', { kind: 'paused', reason: 'failure-budget', message: '2 failed' }, 'failure', false],
    ['is completed', done('completed'), 'success', true],
    ['was superseded', done('superseded'), 'error', true],
    ['is gone', done('cancelled'), 'error', true],
  ] as const satisfies readonly (readonly [string, RolloutState, string, boolean])[])(
    'and it %s, then nothing is claimed that was not proven',
    (_when, state, told, isFinal) => {
      expect(statusOf(progress({ state }))).toMatchObject({ state: told, isFinal });
    },
  );

  test('then all counts that are not zero are named, and what comes next', () => {
    const { description } = statusOf(progress({ next: { what: 'the soak ends', atMs: at(2) } }));
    for (const part of [
      '12/40',
      '3 updating',
      '1 failed',
      '1 rolled back',
      '2 gated',
      '1 unreachable',
      '2026-11-21 14:00 UTC',
    ])
      expect(description).toContain(part);
    expect(description).not.toMatch(/\b0 /);
  });

  test('then the line is never longer than GitHub shows, whatever engineers write', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 2_000 }), fc.string({ maxLength: 300 }), (message, what) => {
        const state: RolloutState = { kind: 'paused', reason: 'operator', message };
        const { description } = statusOf(progress({ state, next: { what } }));
        expect(description.length).toBeLessThanOrEqual(140);
        expect(description).not.toBe('');
      }),
    );
  });
});

describe('when it is asked what comes next', () => {
  const next = (state: RolloutState, gated = 0, windows: readonly MaintenanceWindow[] = []) =>
    nextEvent({ state, gated, windows, nowMs: millis(NOW_MS) });

  test.each([
    ['boards at work', ADVANCING, 0, [window('UTC')], at(12)],
    ['boards that wait for a window', ADVANCING, 2, [window('UTC')], at(14)],
    ['boards that wait for a window elsewhere', ADVANCING, 2, [window('Asia/Tokyo')], at(5)],
    ['boards that wait for their own window', ADVANCING, 2, [window('device')], undefined],
    ['a soak', { kind: 'soaking', message: '', untilMs: at(3) }, 2, [window('UTC')], at(3)],
    ['an approval', { kind: 'waiting', for: 'approval', message: 'crew' }, 0, [], undefined],
  ] as const satisfies readonly (readonly [string, RolloutState, number, readonly MaintenanceWindow[], unknown])[])(
    'by %s, then the moment is that one',
    (_what, state, gated, windows, atMs) => {
      expect(next(state, gated, windows)?.atMs).toBe(atMs);
    },
  );

  test('then it names the window, the approval, and nothing for what is done', () => {
    expect(eventText(need(next(ADVANCING, 1, [window('device')])))).toContain('0 2 * * *');
    expect(eventText(need(next({ kind: 'waiting', for: 'approval', message: 'of ground-crew' })))).toContain(
      'ground-crew',
    );
    expect(next(done('completed'))).toBeUndefined();
  });
});

const golden = (name: string) => join(import.meta.dirname, '../../golden', name);
const MARKER = '<!-- marker -->';

describe('when a merged pull request is told of', () => {
  test('then its fleets stand in one table, with what failed and why', async () => {
    const failures = {
      count: 13,
      back: 1,
      first: [
        { device: deviceId('hub-7'), reason: 'os-unhealthy', message: 'check api: connection refused' },
        { device: deviceId('hub-9'), reason: 'overdue', message: 'hub-9 did not finish within the device timeout' },
      ],
    };
    const fleets = [
      progress({ next: { what: 'the stage decides at the latest', atMs: at(12) } }),
      progress({
        fleet: need(parseName('depot')),
        state: { kind: 'paused', reason: 'failure-budget', message: '13 boards failed, 1 may' },
        failures,
        revert: { number: 12, url: 'https://forge.example/pull/12' },
      }),
      progress({ fleet: need(parseName('lab')), state: done('completed') }),
    ];
    await expect(`${progressComment(MARKER, fleets)}\n`).toMatchFileSnapshot(golden('progress-comment.md'));
  });

  test('then it fits, however many fleets and failures there are, and says how many it leaves out', () => {
    const long = 'x'.repeat(400);
    const first = Array.from({ length: 10 }, (_, index) => ({
      device: deviceId(`hub-${index}`),
      reason: 'r',
      message: long,
    }));
    const fleets = Array.from({ length: 300 }, (_, index) =>
      progress({ fleet: need(parseName(`fleet-${index}`)), failures: { count: 900, back: 0, first } }),
    );
    const body = progressComment(MARKER, fleets);
    expect(body.length).toBeLessThan(65_536);
    expect(body.startsWith(MARKER)).toBe(true);
    const shown = body.split('\n').filter(line => line.startsWith('| `fleet-')).length;
    expect(shown).toBeGreaterThan(10);
    expect(body).toContain(`${300 - shown} more`);
  });
});

describe('when a board says what it likes', () => {
  test('then it can not leave its place', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), text => {
        const shown = codeSpan(text);
        expect(shown).toMatch(/^`[^`|\n\r\u2028\u202e]+`$/u);
        expect(Array.from(shown).length).toBeLessThanOrEqual(202);
      }),
    );
  });

  test.each(['@everyone', '![x](https://evil.example)', '</details><script>', '``` | #1', '\u202egpj.exe'])(
    '%s is only text',
    text => {
      expect(codeSpan(text)).toMatch(/^`[^`|\u202e]+`$/u);
    },
  );
});
