import { parseDeviceId } from '@seatrial/spec';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeJournal,
  decodeObserved,
  decodeReport,
  encodeJournal,
  encodeObserved,
  encodeReport,
  MAX_REPORT_BYTES,
  type Report,
} from '../../src/index.ts';
import { NOON, need, observed, target } from '../support/builders.ts';
import { settle, World } from '../support/world.ts';

const failed = (): World => {
  const world = new World(observed(), { firmware: 'applied', os: 'unhealthy' });
  settle(world, target());
  return world;
};

const report = (): Report => {
  const { observed: seen, journal } = failed();
  return {
    schema: 1,
    device: need(parseDeviceId('hub-000001')),
    agentVersion: '0.1.0',
    sequence: 2 ** 20 + 3,
    sentAtMs: NOON,
    phase: 'failed',
    conditions: [{ type: 'Ready', status: 'False', reason: 'OsUnhealthy', message: 'no', lastTransitionTime: NOON }],
    observed: { ...seen, firmware: { ...seen.firmware, trial: { raw: 0xffff_ffff_0001_0305n, widthBytes: 8 } } },
    failures: journal.failures,
    refused: { unsigned: 2 },
  };
};

describe('a report on the wire', () => {
  it('when it is encoded, then it decodes to the same values, 64 bits and all', () => {
    expect(decodeReport(encodeReport(report()))).toEqual({ ok: true, value: report() });
  });

  it('when it is truncated anywhere, then it is malformed', () => {
    const message = encodeReport(report());
    fc.assert(
      fc.property(fc.nat(message.length - 1), length => {
        expect(decodeReport(message.slice(0, length))).toEqual({ ok: false, error: 'malformed' });
      }),
      { numRuns: 300 },
    );
  });

  it('when it is larger than a report may be, then it is refused unread', () => {
    expect(decodeReport(new Uint8Array(MAX_REPORT_BYTES + 1))).toEqual({ ok: false, error: 'oversized' });
  });
});

describe('what is persisted', () => {
  it('when a journal or an observed state is written, then it reads back, and broken bytes are nobody', () => {
    const { journal, observed: seen } = failed();
    expect(decodeJournal(encodeJournal(journal))).toEqual(journal);
    expect(decodeObserved(encodeObserved(seen))).toEqual(seen);
    expect(decodeJournal(encodeJournal(journal).slice(1))).toBeUndefined();
    expect(decodeObserved(new Uint8Array())).toBeUndefined();
  });
});
