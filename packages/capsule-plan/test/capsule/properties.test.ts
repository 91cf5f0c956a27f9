// Generated inputs against the parsers and the verifier: nothing throws, nothing hangs, nothing signed can be changed.
// The gate runs some ten thousand inputs, the nightly run a million (CAPSULE_RUNS). Inputs that once failed stay in corpus/.

import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type FirmwareVersion, firmwareVersion, type Guid } from '@seatrial/spec';
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
  type CapsuleContents,
  type CapsuleVerdict,
  type DependencyStep,
  detectStorage,
  EDK2_POLICY,
  evaluateDependency,
  formatDependency,
  literal,
  localSigner,
  makeCertificateChain,
  makeVolume,
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
import { file } from './manifest.ts';
import { value } from './value.ts';

const TOTAL_RUNS = Number(process.env['CAPSULE_RUNS'] ?? 30_000);
/** A property's share of all inputs. */
const runs = (share: number): { readonly numRuns: number } => ({
  numRuns: Math.max(20, Math.round(TOTAL_RUNS * share)),
});

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

const guid = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes): Guid => guidFromBytes(bytes));
const version = fc.nat(0xffff_ffff).map(firmwareVersion);
const count = fc.bigInt(0n, 0xffff_ffff_ffff_ffffn);

const operators = ['==', '>', '>=', '<', '<='] as const;
const comparison = fc.tuple(guid, fc.constantFrom(...operators), fc.nat(0xffff_ffff));
const dependency = fc
  .array(comparison, { minLength: 1, maxLength: 4 })
  .map(parts =>
    parts.flatMap(([fwClass, operator, u32], n): DependencyStep[] => [
      { kind: 'version', version: u32 },
      { kind: 'guid', guid: fwClass },
      { kind: 'operator', operator },
      ...(n === 0 ? [] : [{ kind: 'operator' as const, operator: 'AND' as const }]),
    ]),
  );

const partition = (name: string) => ({
  diskType: 'UFS_LUN4' as const,
  partitionName: name,
  partitionTypeGuid: guidFromBytes(Buffer.alloc(16, name)),
});

const images = fc.array(fc.uint8Array({ maxLength: 600 }), { minLength: 1, maxLength: 4 });
const versions = fc
  .tuple(version, version)
  .map(([a, b]): readonly [FirmwareVersion, FirmwareVersion] => (a < b ? [b, a] : [a, b]));

const volumeOf = (contents: readonly Uint8Array[], [fwVersion, lowest]: readonly [number, number]) =>
  value(
    makeVolume({
      revision: contents.length % 2 === 0 ? 5 : 3,
      fwVersion: firmwareVersion(fwVersion),
      lowestSupportedFwVersion: firmwareVersion(lowest),
      images: contents.map((bytes, n) => ({
        data: literal(bytes),
        dataSum8: sum8(bytes),
        dest: partition(`p${n}_a`),
        backup: partition(`p${n}_b`),
      })),
    }),
  );

const contents = fc
  .record({
    images,
    versions,
    imageTypeId: guid,
    hardwareInstance: count,
    monotonicCount: count,
    dependency: fc.option(dependency, { nil: undefined }),
    headerBytes: fc.constantFrom(28 as const, 32 as const),
    vendorCode: fc.uint8Array({ maxLength: 9 }),
  })
  .map(
    ({ images: list, versions: pair, headerBytes, ...payload }): CapsuleContents => ({
      headerBytes,
      payloads: [{ ...payload, fwVersion: pair[0], lowestSupportedFwVersion: pair[1], body: volumeOf(list, pair) }],
    }),
  );

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

/** Real inputs, of which generated ones are broken copies. */
const SEEDS = [
  'hostile/good.cap',
  'cap/d7-two-payloads.cap',
  'cap/d8-embedded-driver.cap',
  'cap/d9-dependency.cap',
  'cap/d2-qcs6490-ufs-1img.p7.1.der',
  'mkeficapsule/m2-signed.cap',
  'fv/d2-qcs6490-ufs-1img.firmware.fv',
  'fv/d2-qcs6490-ufs-1img.Metadata.dat',
  'fv/d2-qcs6490-ufs-1img.FvUpdate.xml',
  'fvxml/conf-ufs-mixed.partitions.conf',
  'json/d2-qcs6490-ufs-1img.config.json',
  'sysfw/SYSFW_VERSION-0.0.1.2-low-0.0.0.0.bin',
  'certs/QcFMPCert.pem',
  'certs/QcFMPRoot.inc',
];
const stored = join(import.meta.dirname, '../vectors');
const seeds = SEEDS.filter(path => existsSync(join(stored, path))).map(path => readFileSync(join(stored, path)));

interface Edit {
  readonly at: number;
  readonly kind: 'set' | 'cut' | 'copy' | 'grow';
  readonly bytes: Uint8Array;
}

const edit: fc.Arbitrary<Edit> = fc.record({
  at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  kind: fc.constantFrom('set', 'set', 'set', 'cut', 'copy', 'grow'),
  bytes: fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 8 }),
    fc.constantFrom(
      Buffer.alloc(4, 255),
      Buffer.alloc(8, 0),
      Buffer.from([0, 0, 0, 128]),
      Buffer.from([255, 255, 255, 127]),
    ),
  ),
});

function edited(seed: Uint8Array, edits: readonly Edit[]): Uint8Array {
  return edits.reduce((bytes: Uint8Array, { at, kind, bytes: patch }) => {
    const offset = Math.floor(at * bytes.length);
    if (kind === 'cut') return bytes.slice(0, offset);
    if (kind === 'grow') return concatBytes([bytes, patch]);
    if (kind === 'copy') return concatBytes([bytes.subarray(0, offset), bytes.subarray(Math.floor(offset / 2))]);
    const copy = Uint8Array.from(bytes);
    copy.set(patch.subarray(0, copy.length - offset), offset);
    return copy;
  }, seed);
}

const broken = fc
  .tuple(fc.constantFrom(...seeds), fc.array(edit, { minLength: 1, maxLength: 6 }))
  .map(([seed, edits]) => edited(seed, edits));
const anything = fc.oneof(broken, broken, fc.uint8Array({ maxLength: 400 }));

const CORPUS = join(import.meta.dirname, '../corpus/capsule');

/** An input on which a reader threw is kept, so that it is tried first for ever after. */
function keep(bytes: Uint8Array): void {
  mkdirSync(CORPUS, { recursive: true });
  writeFileSync(join(CORPUS, `${Buffer.from(bytes.subarray(0, 8)).toString('hex')}-${bytes.length}.bin`), bytes);
}

const outcome = (read: (bytes: Uint8Array) => unknown, bytes: Uint8Array): string => {
  try {
    read(bytes);
    return 'answered';
  } catch (error) {
    keep(bytes);
    return error instanceof Error ? error.message : 'threw';
  }
};

describe('capsule properties', () => {
  test.each(Object.entries(READERS))('when %s is handed anything, then it answers', (_name, read) => {
    const kept = existsSync(CORPUS) ? readdirSync(CORPUS).map(name => readFileSync(join(CORPUS, name))) : [];
    for (const bytes of [...kept, ...seeds]) expect(outcome(read, bytes)).toBe('answered');
    fc.assert(
      fc.property(anything, bytes => {
        expect(outcome(read, bytes)).toBe('answered');
      }),
      runs(1 / (Object.keys(READERS).length + 4)),
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
      runs(1 / 12),
    );
  });

  test('when a capsule is built and signed, then its verifier accepts it and the same inputs give the same bytes', () => {
    fc.assert(
      fc.property(contents, input => {
        const capsule = value(buildCapsule({ ...input, signer }));
        expect(reason(verifyCapsule(capsule, { trust, policy: strictPolicy(NOW) }))).toBe('accepted');
        expect(Buffer.compare(capsule, value(buildCapsule({ ...input, signer })))).toBe(0);
      }),
      runs(1 / 60),
    );
  });

  test('when one bit of the signed part is flipped, then the signature refuses it', () => {
    expect(reason(judged)).toBe('accepted');
    fc.assert(
      fc.property(fc.nat(signed.length * 8 - 1), bit => {
        const copy = Uint8Array.from(good);
        const at = signed.offset + (bit >>> 3);
        copy[at] = (copy[at] ?? 0) ^ (1 << (bit & 7));
        expect(reason(verifyCapsule(copy, { trust, policy: EDK2_POLICY }))).toBe('AUTH_SIGNATURE');
      }),
      runs(1 / 12),
    );
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
    fc.assert(
      fc.property(fc.nat(good.length * 8 - 1), bit => {
        const copy = Uint8Array.from(good);
        copy[bit >>> 3] = (copy[bit >>> 3] ?? 0) ^ (1 << (bit & 7));
        const verdict = verifyCapsule(copy, { trust, policy: EDK2_POLICY });
        const range = verdict.capsule?.payloads[0]?.signed;
        const same = (): boolean =>
          range !== undefined &&
          Buffer.compare(copy.subarray(range.offset, range.offset + range.length), good.subarray(signed.offset)) === 0;
        expect(verdict.kind === 'refused' || same()).toBe(true);
      }),
      runs(1 / 12),
    );
  });

  test('when an expression is written, then reading and formatting agree with it', () => {
    fc.assert(
      fc.property(dependency, guid, version, (steps, fwClass, installed) => {
        const bytes = writeDependency(steps);
        expect(value(readDependency(bytes))).toEqual({ steps, sizeBytes: bytes.length });
        expect(typeof formatDependency(steps)).toBe('string');
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
    expect(file('MANIFEST.json').length).toBeGreaterThan(0);
  });
});
