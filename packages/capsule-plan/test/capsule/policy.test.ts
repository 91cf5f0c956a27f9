// Where edk2 and a careful reader differ, what a board's ESRT entry decides, and that every code is explained.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { firmwareVersion, parseGuid } from '@seatrial/spec';
import { describe, expect, test } from 'vitest';
import { guidFromBytes } from '../../src/bytes/guid.ts';
import {
  CAPSULE_ERRORS,
  type CapsuleSummary,
  EDK2_POLICY,
  type EsrtTarget,
  judgeForEsrt,
  parseDependency,
  readCapsuleBuild,
  readCapsuleSummary,
  readTrustAnchors,
  strictPolicy,
  type VerifyPolicy,
  verifyCapsule,
  writeHexText,
} from '../../src/capsule.ts';
import { value } from './value.ts';

const vector = (name: string): Buffer => readFileSync(join(import.meta.dirname, '../vectors', name));
const SIGNED_AT = Date.UTC(2026, 2, 1, 12);

const verdict = (name: string, policy: VerifyPolicy, anchor = 'certs/QcFMPRoot.pub.pem'): string => {
  const trust = { kind: 'anchors' as const, anchors: value(readTrustAnchors(vector(anchor))) };
  const judged = verifyCapsule(vector(name), { trust, policy });
  return judged.kind === 'refused' ? judged.error.code : 'accepted';
};

describe('policies', () => {
  const expired = 'certs-expired/QcFMPRoot.pub.pem';
  test.each([
    ['hostile/good.cap', 'certs/QcFMPRoot.pub.pem', 'accepted', 'accepted'],
    ['hostile/good.cap', 'certs/QcFMPRoot.inc', 'accepted', 'accepted'],
    ['hostile/good.cap', 'certs/QcFMPSub.pub.pem', 'accepted', 'AUTH_UNTRUSTED'],
    ['hostile/good.cap', 'certs/QcFMPCert.crt', 'accepted', 'AUTH_UNTRUSTED'],
    ['hostile/expired-leaf.cap', expired, 'accepted', 'AUTH_EXPIRED'],
    ['hostile/sup-0.cap', 'certs/QcFMPRoot.pub.pem', 'accepted', 'AUTH_BIT'],
    ['hostile/p7-noattr.cap', 'certs/QcFMPRoot.pub.pem', 'accepted', 'accepted'],
    ['cap/d5-unsigned.cap', 'certs/QcFMPRoot.pub.pem', 'AUTH_MISSING', 'AUTH_MISSING'],
    ['cap/d8-embedded-driver.cap', 'certs/QcFMPRoot.pub.pem', 'FMP_DRIVERS', 'FMP_DRIVERS'],
    ['mkeficapsule/m5-accept.cap', 'certs/QcFMPRoot.pub.pem', 'CAP_GUID', 'CAP_GUID'],
    ['mkeficapsule/m6-revert.cap', 'certs/QcFMPRoot.pub.pem', 'CAP_GUID', 'CAP_GUID'],
    ['mkeficapsule/m1-unsigned.cap', 'certs/QcFMPRoot.pub.pem', 'AUTH_MISSING', 'AUTH_MISSING'],
    ['mkeficapsule/m2-signed.cap', 'certs/QcFMPRoot.pub.pem', 'PAYLOAD_SIGNATURE', 'AUTH_UNTRUSTED'],
  ])('when %s is judged by %s, then edk2 says %s and the strict policy %s', (name, anchor, edk2, strict) => {
    expect(verdict(name, EDK2_POLICY, anchor)).toBe(edk2);
    expect(verdict(name, strictPolicy(SIGNED_AT + 86_400_000 * 60), anchor)).toBe(strict);
  });

  test('when the strict policy judges before a certificate is valid, then it refuses', () => {
    expect(verdict('hostile/good.cap', strictPolicy(Date.UTC(2025, 11, 31)))).toBe('AUTH_EXPIRED');
  });

  test('when a trust anchor is put into device tree text, then the certificate comes out of it, whatever its length', () => {
    const root = vector('certs/QcFMPRoot.cer');
    for (const pad of [0, 1, 2, 3]) {
      const [anchor] = value(readTrustAnchors(Buffer.from(writeHexText(Buffer.concat([root, Buffer.alloc(pad)])))));
      expect(Buffer.compare(anchor?.der ?? Buffer.alloc(0), root)).toBe(0);
    }
  });
});

describe('an ESRT entry', () => {
  const summary = value(readCapsuleSummary(vector('cap/d9-dependency.cap')));
  const fwClass = summary.imageTypeId;
  const board = (changes: Partial<EsrtTarget> = {}): EsrtTarget => ({
    fwClass,
    fwVersion: firmwareVersion(0x10000),
    lowestSupportedFwVersion: firmwareVersion(0x10000),
    capsuleFlags: 0,
    ...changes,
  });
  const answer = (capsule: CapsuleSummary, entry: EsrtTarget, others: readonly EsrtTarget[] = []) => {
    const judged = judgeForEsrt(capsule, entry, others);
    return judged.ok ? judged.value.change : [judged.error.code, judged.error.lastAttemptStatus];
  };

  test.each([
    ['older firmware', board(), 'upgrade'],
    ['the same firmware', board({ fwVersion: firmwareVersion(0x20000) }), 'same'],
    ['newer firmware above the floor', board({ fwVersion: firmwareVersion(0x30000) }), 'downgrade'],
    ['a floor above the capsule', board({ lowestSupportedFwVersion: firmwareVersion(0x20001) }), ['ESRT_FLOOR', 3]],
    ['another class', board({ fwClass: guidFromBytes(Buffer.alloc(16, 1)) }), ['ESRT_GUID', undefined]],
    ['flags of its own', board({ capsuleFlags: 0x1 }), ['ESRT_FLAGS', undefined]],
    ['flags that are not the class’s', board({ capsuleFlags: 0x10000 }), 'upgrade'],
    ['firmware that the dependency excludes', board({ fwVersion: firmwareVersion(0xffff) }), ['ESRT_DEPENDENCY', 8]],
  ])('when a board has %s, then the answer is known', (_name, entry, expected) => {
    expect(answer(summary, entry)).toEqual(expected);
  });

  test('when a dependency names another firmware, then that one’s version decides', () => {
    const other = parseGuid('11111111-2222-3333-4444-555555555555');
    const dependency = value(parseDependency('11111111-2222-3333-4444-555555555555 > 5'));
    const [payload] = summary.payloads;
    if (payload === undefined || other === undefined) throw new Error('no payload');
    const capsule = { ...summary, payloads: [{ ...payload, dependency }] };
    expect(answer(capsule, board())).toEqual(['ESRT_DEPENDENCY', 8]);
    expect(answer(capsule, board(), [board({ fwClass: other, fwVersion: firmwareVersion(6) })])).toBe('upgrade');
  });
});

describe('error codes', () => {
  test('when a code exists, then its layer, cause and remedy are said', () => {
    for (const [code, entry] of Object.entries(CAPSULE_ERRORS)) {
      expect(code).toMatch(/^[A-Z]+(_[A-Z]+)*$/);
      expect([entry.layer, entry.cause, entry.remedy].every(text => text.length > 1)).toBe(true);
    }
  });
});

describe('the page about capsules', () => {
  test('when its document is read, then it is a CapsuleBuild without a finding', () => {
    const page = readFileSync(join(import.meta.dirname, '../../../../docs/capsules.md'), 'utf8');
    const [, yaml = ''] = /```yaml\n(.*?)```/s.exec(page) ?? [];
    const { build, findings } = readCapsuleBuild(yaml);
    expect(findings).toEqual([]);
    expect(build?.spec).toMatchObject({ target: 'QCS9100', monotonicCount: 2n, signing: { digest: 'sha256' } });
  });
});
