// Generated inputs against the parsers and the verifier: nothing throws, nothing hangs, nothing signed can be changed.
// The gate runs some ten thousand inputs, the nightly run a million (CAPSULE_RUNS). Inputs that once failed stay in corpus/.

import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { firmwareVersion } from '@seatrial/spec';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sum8 } from '../../src/bytes/checksum.ts';
import { guidFromBytes, guidToBytes } from '../../src/bytes/guid.ts';
import { concatBytes } from '../../src/bytes/writer.ts';
import { readAsn1 } from '../../src/capsule/pkcs7/asn1.ts';
import { readSignedData } from '../../src/capsule/pkcs7/signed-data.ts';
import {
  buildCapsule,
  bytesOf,
  type CapsuleVerdict,
  detectStorage,
  EDK2_POLICY,
  evaluateDependency,
  formatDependency,
  localSigner,
  makeCertificateChain,
  parseDependency,
  parseVersionText,
  readCapsuleBuild,
  readCapsuleSummary,
  readCertificate,
  readCertificates,
  readConfigJson,
  readDependency,
  readFromBytes,
  readFvUpdate,
  readMetadata,
  readPartitionTable,
  readPrivateKey,
  readTrustAnchors,
  readVersionFile,
  readVolume,
  strictPolicy,
  type VerifyPolicy,
  verifyCapsule,
  writeDependency,
  writeVersionFile,
} from '../../src/capsule.ts';
import { anything, corpus, outcome, seeds } from './broken-input.ts';
import { contents, dependency, guid, version, volumeOf } from './capsule-arbitraries.ts';
import { value } from './value.ts';

const TOTAL_RUNS = Number(process.env['CAPSULE_RUNS'] ?? 30_000);
/** A property's share of all inputs. */
const runs = (share: number): { readonly numRuns: number } => ({
  numRuns: Math.max(20, Math.round(TOTAL_RUNS * share)),
});

/**
 * Bits of `byteCount` bytes that lie evenly apart, at every place within a byte. Each costs the check of a signature, so that
 * the gate takes a few hundred; the nightly run takes all.
 */
function bitsToFlip(byteCount: number): readonly number[] {
  const all = byteCount * 8;
  const count = TOTAL_RUNS >= 1_000_000 ? all : Math.min(all, Math.round(TOTAL_RUNS / 100));
  return Array.from({ length: count }, (_, n) => Math.floor(((n + 0.5) * all) / count));
}

const flipped = (bytes: Uint8Array, bit: number): Uint8Array => {
  const copy = Uint8Array.from(bytes);
  copy[bit >>> 3] = (copy[bit >>> 3] ?? 0) ^ (1 << (bit & 7));
  return copy;
};

const keys = { root: rsa(), sub: rsa(), leaf: rsa() };
function rsa() {
  return generateKeyPairSync('rsa', { modulusLength: 2048 });
}
const NOW = Date.UTC(2026, 10, 21);
const chain = makeCertificateChain({
  organisation: [['O', 'Test']],
  commonNames: { root: 'Root', sub: 'Sub', leaf: 'Leaf' },
  keys,
  serials: { root: randomBytes(8), sub: randomBytes(8), leaf: randomBytes(8) },
  validity: { notBeforeMs: NOW - 1000, notAfterMs: NOW + 1000 },
});
const signer = value(
  localSigner(keys.leaf.privateKey, {
    digestName: 'sha256',
    certificates: value(readCertificates(chain.leaf)),
    others: value(readCertificates(chain.sub)),
    signingTimeMs: NOW,
  }),
);
const trust = { kind: 'anchors' as const, anchors: [chain.root].flatMap(der => readCertificate(der) ?? []) };
const lenient: VerifyPolicy = { ...EDK2_POLICY, unsigned: 'accept', drivers: 'accept', body: 'opaque' };

const good = value(
  buildCapsule({
    signer,
    payloads: [
      {
        imageTypeId: guidFromBytes(Buffer.alloc(16, 'board')),
        fwVersion: firmwareVersion(0x10002),
        lowestSupportedFwVersion: firmwareVersion(1),
        body: volumeOf([Buffer.from('first image'), Buffer.from('the second')], [0x10002, 1]),
      },
    ],
  }),
);
const judged = verifyCapsule(good, { trust, policy: EDK2_POLICY });
const signed = judged.capsule?.payloads[0]?.signed ?? { offset: 0, length: 0 };

const reason = (verdict: CapsuleVerdict): string => (verdict.kind === 'refused' ? verdict.error.code : 'accepted');

/** Every reader of bytes, each with a share of the random inputs. */
const READERS: Readonly<Record<string, (bytes: Uint8Array) => unknown>> = {
  verify: bytes => verifyCapsule(bytes, { trust, policy: EDK2_POLICY }),
  'verify strictly': bytes => verifyCapsule(bytes, { trust, policy: strictPolicy(NOW) }),
  'verify leniently': bytes => verifyCapsule(bytes, { trust: { kind: 'unjudged' }, policy: lenient }),
  summary: bytes => readCapsuleSummary(bytes),
  volume: bytes => readFromBytes(bytes, readVolume({ offset: 0, length: bytes.length })),
  metadata: bytes => readMetadata(bytes),
  dependency: bytes => readDependency(bytes),
  'version file': bytes => readVersionFile(bytes),
  'FvUpdate.xml': bytes => readFvUpdate(bytes),
  'config.json': bytes => readConfigJson(Buffer.from(bytes).toString('utf8')),
  CapsuleBuild: bytes => readCapsuleBuild(Buffer.from(bytes).toString('utf8')),
  'partition table': bytes => [
    detectStorage(Buffer.from(bytes).toString('utf8')),
    readPartitionTable(Buffer.from(bytes).toString('utf8'), 'UFS'),
  ],
  'ASN.1': bytes => readAsn1(bytes),
  'PKCS#7': bytes => readSignedData(bytes),
  'trust anchors': bytes => readTrustAnchors(bytes),
  certificates: bytes => readCertificates(bytes),
  'private key': bytes => readPrivateKey(bytes, 'secret'),
  'dependency text': bytes => parseDependency(Buffer.from(bytes).toString('latin1')),
  'version text': bytes => parseVersionText(Buffer.from(bytes).toString('latin1')),
};

describe('capsule properties', () => {
  test.each(Object.entries(READERS))('when %s is handed anything, then it answers', (_name, read) => {
    for (const bytes of [...corpus(), ...seeds]) expect(outcome(read, bytes)).toBe('answered');
    fc.assert(
      fc.property(anything, bytes => {
        expect(outcome(read, bytes)).toBe('answered');
      }),
      runs(1 / (Object.keys(READERS).length + 1)),
    );
  });

  test('when a capsule is built, then reading it gives what was put in', () => {
    fc.assert(
      fc.property(contents, input => {
        const [payload] = input.payloads;
        const capsule = value(buildCapsule(input));
        const verdict = verifyCapsule(capsule, {
          trust: { kind: 'unjudged' },
          policy: { ...EDK2_POLICY, unsigned: 'accept' },
        });
        expect(reason(verdict)).toBe('accepted');
        const summary = value(readCapsuleSummary(capsule));
        expect(summary).toMatchObject({
          imageTypeId: payload?.imageTypeId,
          fwVersion: payload?.fwVersion,
          lowestSupportedFwVersion: payload?.lowestSupportedFwVersion,
          hardwareInstance: payload?.hardwareInstance,
          signed: false,
        });
        expect(summary.dependency).toEqual(payload?.dependency);
        const body = verdict.capsule?.payloads[0]?.head?.body;
        const expected = concatBytes([...bytesOf(payload?.body ?? [])]);
        expect(
          Buffer.compare(expected, capsule.subarray(body?.offset, (body?.offset ?? 0) + (body?.length ?? 0))),
        ).toBe(0);
      }),
      runs(1 / 24),
    );
  });

  test('when a capsule is built and signed, then its verifier accepts it and the same inputs give the same bytes', () => {
    fc.assert(
      fc.property(contents, input => {
        const capsule = value(buildCapsule({ ...input, signer }));
        expect(reason(verifyCapsule(capsule, { trust, policy: strictPolicy(NOW) }))).toBe('accepted');
        expect(Buffer.compare(capsule, value(buildCapsule({ ...input, signer })))).toBe(0);
      }),
      runs(1 / 300),
    );
  });

  test('when one bit of the signed part is flipped, then the signature refuses it', () => {
    expect(reason(judged)).toBe('accepted');
    const answers = bitsToFlip(signed.length).map(bit =>
      reason(verifyCapsule(flipped(good, signed.offset * 8 + bit), { trust, policy: EDK2_POLICY })),
    );
    expect(answers.filter(answer => answer !== 'AUTH_SIGNATURE')).toEqual([]);
  });

  test('when a capsule is cut anywhere, then it is refused, also when its headers are made to agree', () => {
    const sizeAt = 24;
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.boolean(), (length, agree) => {
        const cut = good.slice(0, length);
        if (agree && length > sizeAt + 4) new DataView(cut.buffer).setUint32(sizeAt, length, true);
        expect(verifyCapsule(cut, { trust, policy: EDK2_POLICY }).kind).toBe('refused');
      }),
      runs(1 / 12),
    );
  });

  test('when one bit is flipped anywhere, then what is accepted still carries the signed bytes', () => {
    const original = good.subarray(signed.offset, signed.offset + signed.length);
    const changed = bitsToFlip(good.length).filter(bit => {
      const copy = flipped(good, bit);
      const verdict = verifyCapsule(copy, { trust, policy: EDK2_POLICY });
      const range = verdict.capsule?.payloads[0]?.signed ?? { offset: 0, length: 0 };
      const carried = copy.subarray(range.offset, range.offset + range.length);
      return verdict.kind === 'accepted' && Buffer.compare(carried, original) !== 0;
    });
    expect(changed).toEqual([]);
  });

  test('when an expression is written, then reading and formatting agree with it', () => {
    fc.assert(
      fc.property(dependency, guid, version, (steps, fwClass, installed) => {
        const bytes = writeDependency(steps);
        expect(value(readDependency(bytes))).toEqual({ steps, sizeBytes: bytes.length });
        expect(value(parseDependency(formatDependency(steps)))).toEqual(steps);
        const known = evaluateDependency(steps, () => installed);
        expect(typeof known).toBe('boolean');
        expect(evaluateDependency(steps, () => undefined)).toBeUndefined();
        const text = `${fwClass} >= 0x${installed.toString(16)} AND NOT FALSE`;
        expect(evaluateDependency(value(parseDependency(text)), () => installed)).toBe(true);
      }),
      runs(1 / 30),
    );
  });

  test('when sums, GUIDs and version files are made, then they are what plain code says', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3000 }), fc.nat(7), version, guid, (bytes, skip, fw, fwClass) => {
        const view = bytes.subarray(Math.min(skip, bytes.length));
        expect(sum8(view)).toBe(view.reduce((sum, byte) => (sum + byte) & 0xff, 0));
        expect(guidFromBytes(guidToBytes(fwClass))).toBe(fwClass);
        const pair = { fwVersion: fw, lowestSupportedFwVersion: firmwareVersion(fw >>> 1) };
        expect(value(readVersionFile(writeVersionFile(pair)))).toEqual(pair);
      }),
      runs(1 / 30),
    );
  });

  test('when large runs of bytes are summed, then no lane of the sum runs over', () => {
    for (const byte of [0, 1, 0x7f, 0x80, 0xff]) {
      const bytes = new Uint8Array(1_000_003).fill(byte);
      expect(sum8(bytes)).toBe((byte * bytes.length) & 0xff);
    }
  });
});
