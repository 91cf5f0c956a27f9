// What the board's firmware makes of real capsule bytes.

import { expect, test } from 'vitest';
import { type CapsuleDescription, createCapsuleFactory, trustingVerifier } from '../../src/index.ts';
import { FW_CLASS, v } from '../support/lab.ts';

const vendor = createCapsuleFactory();
const verify = trustingVerifier(vendor.anchors);
const description: CapsuleDescription = { fwClass: FW_CLASS, version: v(2), lowestSupported: v(1) };

test('when the vendor signed it, then it is genuine and says what it brings', () => {
  expect(verify(vendor.capsule(description))).toMatchObject({
    kind: 'genuine',
    images: [{ fwClass: FW_CLASS, version: v(2), lowestSupported: v(1) }],
  });
});

test.each(['forged', 'unsigned'] as const)(
  'when it is %s, then authentication fails and the version is known',
  flaw => {
    expect(verify(vendor.capsule({ ...description, flaw }))).toMatchObject({
      kind: 'refused',
      status: 5,
      version: v(2),
    });
  },
);

test('when somebody else signed it, then authentication fails', () => {
  const stranger = createCapsuleFactory('somebody else');
  expect(verify(stranger.capsule(description))).toMatchObject({ kind: 'refused', status: 5, version: v(2) });
});

test('when the signed bytes are no firmware volume, then its metadata is unreadable', () => {
  expect(verify(vendor.capsule({ ...description, flaw: 'garbled' }))).toMatchObject({ kind: 'metadata-unreadable' });
});

test.each([
  ['nothing', new Uint8Array()],
  ['noise', new Uint8Array(4_096).fill(0xa5)],
  ['half a capsule', vendor.capsule(description).subarray(0, 2_000)],
])('when it is %s, then its format is invalid', (_, bytes) => {
  expect(verify(bytes)).toMatchObject({ kind: 'refused', status: 4 });
});

test('when the same is described twice, then the capsules are the same bytes', () => {
  expect(vendor.capsule(description)).toEqual(vendor.capsule(description));
  expect(vendor.capsule({ ...description, version: v(9) })).not.toEqual(vendor.capsule(description));
});
