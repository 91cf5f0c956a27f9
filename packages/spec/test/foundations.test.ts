// Units, ids, canonical JSON and conditions: the words that every package shares.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Condition,
  canonicalJson,
  coupledTrialBoots,
  fingerprint,
  firmwareVersion,
  formatBytes,
  formatDuration,
  formatFirmwareVersion,
  InvariantError,
  type Json,
  millis,
  parseDeviceId,
  parseDuration,
  parseFirmwareVersion,
  parseGeneration,
  parseGuid,
  parseName,
  parsePercent,
  parseRate,
  parseSha256,
  parseSize,
  setCondition,
  sha256Hex,
} from '../src/index.ts';

describe('when a quantity is written', () => {
  test.each([
    [parseDuration, '30s', 30_000],
    [parseDuration, '15m', 900_000],
    [parseDuration, '24h', 86_400_000],
    [parseDuration, '7d', 604_800_000],
    [parseDuration, '1.5h', undefined],
    [parseDuration, '-1s', undefined],
    [parseDuration, '1', undefined],
    [parseDuration, '1w', undefined],
    [parseDuration, ' 1s', undefined],
    [parseDuration, '999999999999999d', undefined],
    [parseSize, '200MiB', 209_715_200],
    [parseSize, '4096B', 4096],
    [parseSize, '2GiB', 2_147_483_648],
    [parseSize, '1MB', undefined],
    [parseRate, '512KiB/s', 524_288],
    [parseRate, '0B/s', undefined],
    [parseRate, '512KiB', undefined],
    [parsePercent, '1%', 1],
    [parsePercent, '0.5%', 0.5],
    [parsePercent, '100%', 100],
    [parsePercent, '100.001%', undefined],
    [parsePercent, '-1%', undefined],
    [parsePercent, '1', undefined],
    [parseFirmwareVersion, '0.0.1.2', 0x10002],
    [parseFirmwareVersion, '0.0.65535.65535', 0xffffffff],
    [parseFirmwareVersion, '0.0.65536.0', undefined],
    [parseFirmwareVersion, '1.0.0.0', undefined],
    [parseFirmwareVersion, '0.0.1', undefined],
  ])('%o of %s is %s', (parse, text, expected) => {
    expect(parse(text)).toBe(expected);
  });

  test('then firmware versions come back as they were', () => {
    fc.assert(
      fc.property(fc.nat({ max: 0xffffffff }), u32 => {
        const version = firmwareVersion(u32);
        expect(parseFirmwareVersion(formatFirmwareVersion(version))).toBe(version);
      }),
    );
  });

  test.each([
    [formatBytes(300), '300 B'],
    [formatBytes(1_572_864), '1.5 MiB'],
    [formatBytes(0), '0 B'],
    [formatDuration(21_600_000), '6h'],
    [formatDuration(129_600_000), '1.5d'],
    [formatDuration(0), '0s'],
  ])('then people read %s', (shown, expected) => {
    expect(shown).toBe(expected);
  });
});

describe('when an id is written', () => {
  test.each([
    [parseDeviceId, 'hub-000001', true],
    [parseDeviceId, 'A.b_c-9', true],
    [parseDeviceId, '-hub', false],
    [parseDeviceId, 'a/b', false],
    [parseDeviceId, '+', false],
    [parseDeviceId, '', false],
    [parseDeviceId, 'x'.repeat(65), false],
    [parseDeviceId, 'hub\n', false],
    [parseName, 'iq9075-2026.11.0', true],
    [parseName, 'A', false],
    [parseName, 'a-', false],
    [parseName, 'x'.repeat(64), false],
    [parseSha256, 'a'.repeat(64), true],
    [parseSha256, 'A'.repeat(64), false],
    [parseSha256, 'a'.repeat(63), false],
  ])('%o of %j', (parse, text, expected) => {
    expect(parse(text) !== undefined).toBe(expected);
  });

  test('then a GUID is one in capital letters', () => {
    expect(parseGuid('8be4df61-93ca-11d2-aa0d-00e098032b8c')).toBe('8BE4DF61-93CA-11D2-AA0D-00E098032B8C');
    expect(parseGuid('{8be4df61-93ca-11d2-aa0d-00e098032b8c}')).toBeUndefined();
  });

  test.each([0, -1, 1.5, Number.NaN, 2 ** 53])('then %d is no generation', value => {
    expect(parseGeneration(value)).toBeUndefined();
  });
});

describe('when a value is hashed', () => {
  test('then the order of keys and absent members do not matter', () => {
    expect(canonicalJson({ b: [1, null, { z: 'é', a: true }], a: undefined, A: 1 })).toBe(
      '{"A":1,"b":[1,null,{"a":true,"z":"é"}]}',
    );
  });

  test('then canonical JSON is JSON of the same value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), value => {
        const json = JSON.parse(JSON.stringify(value)) as Json;
        expect(JSON.parse(canonicalJson(json))).toEqual(json);
      }),
    );
  });

  test('then shuffled keys give the same hash', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.integer()), fc.infiniteStream(fc.nat()), (value, order) => {
        const shuffled = Object.fromEntries(
          Object.entries(value)
            .map(entry => ({ entry, rank: order.next().value }))
            .sort((a, b) => a.rank - b.rank)
            .map(({ entry }) => entry),
        );
        expect(fingerprint(shuffled)).toBe(fingerprint(value));
      }),
    );
  });

  test('then SHA-256 is what the norm says', () => {
    expect(sha256Hex('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });

  test('then a number that JSON can not hold is a defect', () => {
    expect(() => canonicalJson(Number.NaN)).toThrow(InvariantError);
  });
});

describe('when a condition is set', () => {
  const condition = (type: Condition['type'], status: Condition['status'], reason = 'Because') => ({
    type,
    status,
    reason,
    message: '',
  });

  test('then its time moves only with its status', () => {
    const first = setCondition([], condition('Ready', 'True'), millis(1));
    const second = setCondition(first, condition('Ready', 'True', 'Other'), millis(2));
    expect(second).toMatchObject([{ reason: 'Other', lastTransitionTime: 1 }]);
    expect(setCondition(second, condition('Ready', 'False'), millis(3))).toMatchObject([{ lastTransitionTime: 3 }]);
  });

  test('then reconciling and stalled exclude each other, and the order is fixed', () => {
    const stalled = setCondition([], condition('Stalled', 'True'), millis(1));
    const ready = setCondition(stalled, condition('Ready', 'False'), millis(2));
    expect(ready.map(({ type }) => type)).toEqual(['Ready', 'Stalled']);
    expect(setCondition(ready, condition('Reconciling', 'True'), millis(3)).map(({ type }) => type)).toEqual([
      'Ready',
      'Reconciling',
    ]);
  });
});

test('when a trial has three tries, then it needs six boots, and twelve are the most', () => {
  expect(coupledTrialBoots(3)).toBe(6);
  expect(coupledTrialBoots(12)).toBe(15);
});
