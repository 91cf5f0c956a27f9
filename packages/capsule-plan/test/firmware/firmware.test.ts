import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  armTrial,
  capsuleOutcome,
  commitTrial,
  decodeEfiText,
  decodeEfiVariable,
  decodeOsIndications,
  decodeTrialBoot,
  encodeEfiText,
  encodeEfiVariable,
  encodeOsIndications,
  encodeTrialBoot,
  isOnTrial,
  isRollbackRequested,
  lastAttemptStatusName,
  requestRollback,
  trialCount,
  trialMaxCount,
  withCapsuleDelivery,
  withoutCapsuleDelivery,
} from '../../src/index.ts';
import { fw, NEW_FW, OLD_FW } from '../support/builders.ts';

const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'));

describe('OsTrialBootStatus', () => {
  it.each([
    ['01 77 01 00 00 00 00 00', 8, 7, 7, true],
    ['01 03 02 00', 4, 3, 0, false],
    ['01 03 07 00', 4, 3, 0, true],
  ] as const)(
    'when the vendor writes %s, then width, counts and flag are read as published',
    (text, widthBytes, max, count, enabled) => {
      const decoded = decodeTrialBoot(hex(text));
      expect(
        decoded.ok && {
          widthBytes: decoded.value.widthBytes,
          max: trialMaxCount(decoded.value),
          count: trialCount(decoded.value),
          enabled: isOnTrial(decoded.value),
        },
      ).toEqual({ widthBytes, max, count, enabled });
    },
  );

  it('when the trial is committed, then bit 16 is cleared and no other bit of the vendor example moves', () => {
    const decoded = decodeTrialBoot(hex('01 77 01 00 00 00 00 00'));
    expect(decoded.ok && encodeTrialBoot(commitTrial(decoded.value))).toEqual(hex('01 77 00 00 00 00 00 00'));
  });

  it('when any value is armed, committed or rolled back, then only our bits change and the width stays', () => {
    const values = fc.record({
      raw: fc.bigInt({ min: 0n, max: 2n ** 32n - 1n }),
      widthBytes: fc.constantFrom(4 as const, 8 as const),
    });
    fc.assert(
      fc.property(values, fc.nat(15), (trial, max) => {
        expect(decodeTrialBoot(encodeTrialBoot(trial))).toEqual({ ok: true, value: trial });
        const armed = armTrial(trial, max);
        expect([trialMaxCount(armed), trialCount(armed), armed.raw & ~0xff00n]).toEqual([max, 0, trial.raw & ~0xff00n]);
        expect(commitTrial(trial).raw).toBe(trial.raw & ~0x10000n);
        const back = requestRollback(trial);
        expect([trialCount(back), back.raw & ~0xf000n]).toEqual([trialMaxCount(trial), trial.raw & ~0xf000n]);
        expect(isRollbackRequested(back)).toBe(isOnTrial(trial) && trialMaxCount(trial) > 0);
      }),
    );
  });

  it.each([0, 3, 5, 16])('when the value has %i bytes, then it is no trial variable', length => {
    expect(decodeTrialBoot(new Uint8Array(length))).toEqual({ ok: false, error: 'trial-variable-width' });
  });
});

describe('OsIndications', () => {
  it('when our bit is set and taken back, then the bits of others stay', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), bits => {
        expect(decodeOsIndications(encodeOsIndications(bits))).toEqual({ ok: true, value: bits });
        expect(withoutCapsuleDelivery(withCapsuleDelivery(bits))).toBe(bits & ~4n);
      }),
    );
  });

  it('when it has not eight bytes, then it is refused', () => {
    expect(decodeOsIndications(new Uint8Array(4))).toEqual({ ok: false, error: 'os-indications-width' });
  });
});

describe('a variable in efivarfs', () => {
  it('when it is encoded, then the four attribute bytes come first', () => {
    expect(encodeEfiVariable({ attributes: 7, value: hex('04 00') })).toEqual(hex('07 00 00 00 04 00'));
    expect(decodeEfiVariable(hex('07 00 00 00 04'))).toEqual({ ok: true, value: { attributes: 7, value: hex('04') } });
    expect(decodeEfiVariable(hex('07 00 00'))).toEqual({ ok: false, error: 'efi-variable-truncated' });
    expect(decodeEfiText(encodeEfiText('ostree-1-poky.conf'))).toBe('ostree-1-poky.conf');
  });
});

describe('the row of the ESRT after a capsule', () => {
  const factory = { fwVersion: OLD_FW, lastAttemptVersion: fw('0.0.0.0'), lastAttemptStatus: 0 };
  const refused = { fwVersion: OLD_FW, lastAttemptVersion: NEW_FW, lastAttemptStatus: 5 };
  it.each([
    ['applied', factory, { fwVersion: NEW_FW, lastAttemptVersion: NEW_FW, lastAttemptStatus: 0 }, true],
    ['refused', factory, refused, true],
    ['rolled-back', factory, { fwVersion: OLD_FW, lastAttemptVersion: NEW_FW, lastAttemptStatus: 0 }, true],
    ['metadata-unreadable', refused, factory, true],
    ['metadata-unreadable', factory, factory, true],
    ['refused', factory, { ...factory, lastAttemptStatus: 4 }, true],
    ['stale', factory, factory, false],
    ['stale', refused, refused, false],
    ['refused', refused, refused, true],
    ['stale', factory, { fwVersion: OLD_FW, lastAttemptVersion: fw('0.0.9.9'), lastAttemptStatus: 3 }, true],
  ] as const)('when it reads as %s, then it is', (outcome, before, after, consumed) => {
    expect(capsuleOutcome(after, { before, target: NEW_FW, consumed })).toBe(outcome);
  });

  it.each([
    [0, 'success'],
    [5, 'authentication-error'],
    [8, 'unsatisfied-dependencies'],
    [9, 'unknown'],
    [0x1000, 'vendor-specific'],
    [0x4000, 'unknown'],
  ] as const)('when the status is %i, then it is called %s', (status, name) => {
    expect(lastAttemptStatusName(status)).toBe(name);
  });
});
