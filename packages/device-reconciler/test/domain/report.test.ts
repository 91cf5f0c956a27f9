// What a board tells: when two tellings are the same, how much fits, and numbers that only grow.

import { decodeReport, EMPTY_JOURNAL, encodeReport, MAX_REPORT_BYTES, type Observed } from '@seatrial/capsule-plan';
import { bytes, millis } from '@seatrial/spec';
import { describe, expect, test } from 'vitest';
import { nextSequence } from '../../src/app/report-sequence.ts';
import { gistOf, isSameGist } from '../../src/domain/gist.ts';
import { reportOf, type Tellable } from '../../src/domain/report.ts';
import { FakeLog, FakeRecords, FakeTimer } from '../world/fake-surroundings.ts';
import { Power } from '../world/power.ts';
import { boot, DEVICE, digest, NOON, need, plan } from '../world/values.ts';

const speaker = (number: number) => ({ device: DEVICE, bootId: boot(number) });

const observed: Observed = {
  bootId: boot(1),
  clock: { nowMs: NOON, timeZone: 'UTC' },
  firmware: { osIndications: 4n, trial: { raw: 1n, widthBytes: 8 }, variablesWritable: true },
  esp: { writable: true, freeBytes: bytes(1), capsules: [] },
  os: { deployments: [], ostreeCountsBoots: false, bootFreeBytes: bytes(1), sysrootFreeBytes: bytes(1) },
  fetched: { capsules: [], commits: [] },
  facts: { batteryPercent: 50, parked: true },
};

const tellable = (changes: Partial<Tellable> = {}): Tellable => ({
  plan: plan(),
  phase: 'fetching',
  conditions: [{ type: 'Ready', status: 'False', reason: 'Fetching', message: 'm', lastTransitionTime: NOON }],
  step: { kind: 'request-capsule' },
  progress: undefined,
  observed,
  journal: EMPTY_JOURNAL,
  refused: {},
  ...changes,
});
const FAILURE = {
  payloadHash: digest('1'),
  attempt: 1,
  failure: { reason: 'os-unhealthy', message: 'm', atMs: NOON },
} as const;
const stamp = { device: DEVICE, agentVersion: '1', sequence: 7, sentAtMs: NOON };

describe('when two tellings are compared', () => {
  const later = millis(NOON + 1);
  test.each<[string, Partial<Tellable>]>([
    ['the clock', { observed: { ...observed, clock: { nowMs: later, timeZone: 'UTC' } } }],
    ['the room', { observed: { ...observed, esp: { ...observed.esp, freeBytes: bytes(2) } } }],
    ['the battery', { observed: { ...observed, facts: { ...observed.facts, batteryPercent: 49 } } }],
    ['the progress of a download', { progress: { done: 1, total: 2, unit: 'bytes' } }],
  ])('then %s alone is not worth a report', (_name, change) => {
    expect(isSameGist(gistOf(tellable(change)), gistOf(tellable()))).toBe(true);
    expect(isSameGist(gistOf(tellable()), gistOf(tellable(change)))).toBe(true);
  });

  test.each<[string, Partial<Tellable>]>([
    ['the phase', { phase: 'installing' }],
    ['a gate', { observed: { ...observed, facts: { ...observed.facts, parked: false } } }],
    ['a variable', { observed: { ...observed, firmware: { ...observed.firmware, osIndications: 0n } } }],
    ['a refused message', { refused: { unsigned: 1 } }],
    ['the boot', { observed: { ...observed, bootId: boot(2) } }],
    ['the plan', { plan: plan({ attempt: 2 }) }],
    ['a plan where there was none', { plan: undefined }],
    ['one failure more', { journal: { ...EMPTY_JOURNAL, failures: [FAILURE] } }],
    ['what a condition says', { conditions: [] }],
  ])('then %s is', (_name, change) => {
    expect(isSameGist(gistOf(tellable(change)), gistOf(tellable()))).toBe(false);
    expect(isSameGist(gistOf(tellable()), gistOf(tellable(change)))).toBe(false);
  });
});

describe('when a report is made', () => {
  test('then the other side reads what was written', () => {
    const report = reportOf(tellable({ step: { kind: 'wait', reason: 'gate-parked', message: 'm' } }), stamp);
    expect(decodeReport(encodeReport(report))).toEqual({ ok: true, value: report });
    expect(report.step).toEqual({ kind: 'wait', waitsFor: 'gate-parked' });
  });

  test('then it fits, and of the failures the newest are told', () => {
    const failures = Array.from({ length: 32 }, (_, index) => ({
      payloadHash: digest('1'),
      attempt: index + 1,
      failure: { reason: 'os-unhealthy' as const, message: 'm'.repeat(1_000), atMs: NOON },
    }));
    const report = reportOf(tellable({ journal: { ...EMPTY_JOURNAL, failures } }), stamp);
    expect(encodeReport(report).byteLength).toBeLessThanOrEqual(MAX_REPORT_BYTES);
    expect(report.failures.length).toBeGreaterThan(5);
    expect(report.failures.at(-1)?.attempt).toBe(32);
  });
});

describe('when reports are numbered', () => {
  const numbering = () => ({ records: new FakeRecords(new Power()), timer: new FakeTimer(), log: new FakeLog() });

  test('then numbers grow within a boot, and only tmpfs is written', async () => {
    const needs = numbering();
    const first = await nextSequence(needs, speaker(1));
    needs.records.writes.length = 0;
    const more = [await nextSequence(needs, speaker(1)), await nextSequence(needs, speaker(1))];
    expect(more).toEqual([first + 1, first + 2]);
    expect(needs.records.writes).toEqual(['report-counter', 'report-counter']);
  });

  test.each<[string, (needs: ReturnType<typeof numbering>) => void]>([
    ['a reboot', ({ records }) => void records.stored.delete('report-counter')],
    ['a lost counter', ({ records }) => void records.stored.set('report-counter', '{"epoch":1')],
    ['a clock that went back', ({ timer }) => void Object.assign(timer, { nowMs: millis(0) })],
    [
      'a disk that was written anew',
      ({ records, timer }) => {
        records.stored.clear();
        timer.pass(60_000);
      },
    ],
  ])('then they grow over %s', async (_name, happen) => {
    const needs = numbering();
    const first = await nextSequence(needs, speaker(1));
    happen(needs);
    const next = await nextSequence(needs, speaker(2));
    expect(next).toBeGreaterThan(first);
    expect(Number.isSafeInteger(next)).toBe(true);
  });

  test('then a board that was given the name of another in the same boot is heard above that one', async () => {
    const [before, here] = [numbering(), numbering()];
    const itself = await nextSequence(here, { ...speaker(1), device: 'hub-02' });
    before.timer.pass(60_000);
    const other = await nextSequence(before, speaker(2));
    here.timer.pass(120_000);
    const renamed = await nextSequence(here, speaker(1));
    expect(other).toBeGreaterThan(itself);
    expect(renamed).toBeGreaterThan(other);
  });

  test('then a counter that is used up begins anew, higher', async () => {
    const needs = numbering();
    const first = await nextSequence(needs, speaker(1));
    const { epoch } = JSON.parse(need(needs.records.stored.get('report-counter')));
    needs.records.stored.set('report-counter', JSON.stringify({ epoch, counter: 2 ** 20 - 1 }));
    expect(await nextSequence(needs, speaker(1))).toBeGreaterThan(first + 2 ** 20 - 1);
  });
});
