// Capsules of the vectors: rebuilt byte for byte, parsed field by field, judged with layer and class.

import { expect } from 'vitest';
import {
  acceptCapsule,
  buildCapsule,
  CAPSULE_ERRORS,
  CAPSULE_FLAGS,
  type CapsuleVerdict,
  EDK2_POLICY,
  type LocalSigner,
  literal,
  localSigner,
  looseGuid,
  parseVersionTextAsReference,
  readCapsuleSummary,
  readCertificates,
  readConfigJson,
  readPrivateKey,
  readTrustAnchors,
  revertCapsule,
  strictPolicy,
  type UnsignedPayload,
  type VerifyPolicy,
  verifyCapsule,
} from '../../src/capsule.ts';
import {
  file,
  fileByDigest,
  isDeterministic,
  manifest,
  option,
  type ParsedObject,
  sha256,
  type Vector,
  words,
} from './manifest.ts';
import { capsuleShape } from './parsed-shape.ts';
import { value } from './value.ts';

import { first, sameShape, signingTimeMs } from './vector-parts.ts';
import { rebuiltVolume } from './vector-volumes.ts';

const textOf = (parsed: unknown): string => (typeof parsed === 'string' ? parsed : '');

const FLAG_NAMES: Readonly<Record<string, number | undefined>> = {
  PersistAcrossReset: CAPSULE_FLAGS.persistAcrossReset,
  PopulateSystemTable: CAPSULE_FLAGS.populateSystemTable,
  InitiateReset: CAPSULE_FLAGS.initiateReset,
};

function flagsOf(vector: Vector): number {
  const list = words(vector);
  return list.reduce((flags, word, n) => {
    if (word === '--capflag') return flags | (FLAG_NAMES[list[n + 1] ?? ''] ?? 0);
    return word === '--capoemflag' ? flags | Number(list[n + 1]) : flags;
  }, 0);
}

/** A payload by its digest: stored, or rebuilt from the vector of its volume. */
function payloadByDigest(digest: string): Uint8Array {
  const stored = fileByDigest(digest);
  if (stored !== undefined) return stored;
  const volume = manifest.vectors.find(({ kind, fvSha256 }) => kind === 'firmware-volume' && fvSha256 === digest);
  if (volume === undefined) throw new Error(`no payload ${digest}`);
  return rebuiltVolume(volume);
}

type Config = ReturnType<typeof configOf>;
const configOf = (vector: Vector) => value(readConfigJson(file(first(vector, '.config.json')).toString('utf8')));

function signerOf(vector: Vector, config: Config): LocalSigner | undefined {
  const signing = config.payloads[0]?.signing;
  if (signing === undefined) return undefined;
  const at = (name: string): Buffer => file(`${vector.certs ?? 'certs'}/${name}`);
  return value(
    localSigner(value(readPrivateKey(at(signing.signer))), {
      digestName: signing.digestName,
      certificates: value(readCertificates(at(signing.signer))),
      others: value(readCertificates(at(signing.other))),
      signingTimeMs: signingTimeMs(words(vector)[0] === 'faketime' ? (words(vector)[1] ?? '') : manifest.signingTime),
    }),
  );
}

function rebuiltCapsule(vector: Vector, config: Config): Uint8Array {
  const drivers = (vector.parsed?.['embeddedDrivers'] ?? []) as readonly ParsedObject[];
  const payloads = config.payloads.map(({ guid, payload, ...fields }): UnsignedPayload => {
    const digest = vector.inputs?.find(({ name }) => name === payload)?.sha256 ?? '';
    return { ...fields, imageTypeId: guid, body: [literal(payloadByDigest(digest))] };
  });
  return value(
    buildCapsule({
      payloads,
      drivers: drivers.map(driver => literal(payloadByDigest(textOf(driver['sha256'])))),
      flags: flagsOf(vector),
      signer: signerOf(vector, config),
    }),
  );
}

const anchorsAt = (path: string) => ({ kind: 'anchors' as const, anchors: value(readTrustAnchors(file(path))) });

const accepted = (verdict: CapsuleVerdict) => {
  if (verdict.kind === 'refused') throw new Error(`${verdict.error.code}: ${verdict.error.detail}`);
  return verdict.capsule;
};

/** Some payloads are arbitrary bytes. */
const hasVolumes = (vector: Vector): boolean =>
  ((vector.parsed?.['payloads'] ?? []) as readonly ParsedObject[]).every(payload => payload['fv'] !== undefined);

export function capsule(vector: Vector): void {
  const config = configOf(vector);
  const stored = file(first(vector, '.cap'));
  expect(sha256(stored)).toBe(vector.sha256);
  if (isDeterministic(vector)) expect(Buffer.compare(rebuiltCapsule(vector, config), stored)).toBe(0);
  const policy: VerifyPolicy = {
    ...EDK2_POLICY,
    unsigned: config.payloads.every(({ signing }) => signing === undefined) ? 'accept' : 'refuse',
    drivers: config.drivers.length > 0 ? 'accept' : 'refuse',
    body: hasVolumes(vector) ? 'volume' : 'opaque',
  };
  const trusted = config.payloads[0]?.signing?.trusted ?? 'QcFMPRoot.pub.pem';
  const trust = anchorsAt(`${vector.certs ?? 'certs'}/${trusted}`);
  const verdict = verifyCapsule(stored, { trust, policy });
  expect(verdict.kind).toBe(vector.expect?.verdict === 'reject' ? 'refused' : 'accepted');
  if (verdict.capsule !== undefined) sameShape(vector.parsed, capsuleShape(verdict.capsule, stored));
  const blocks = (verdict.capsule?.payloads ?? []).flatMap(({ authentication }) => authentication?.der ?? []);
  const digests = blocks.map(({ offset, length }) => sha256(stored.subarray(offset, offset + length)));
  for (const path of vector.files.filter(name => name.endsWith('.der'))) expect(digests).toContain(sha256(file(path)));
}

/** mkeficapsule's command line, as far as the vectors use it. */
function rebuiltByMkeficapsule(vector: Vector): Uint8Array {
  const list = words(vector);
  if (list.includes('-R')) return revertCapsule();
  const guid = looseGuid(option(vector, '-g'));
  if (guid === undefined) throw new Error(`${vector.id}: GUID`);
  if (list.includes('-A')) return acceptCapsule(guid);
  const given = (name: string, otherwise: string): string => (list.includes(name) ? option(vector, name) : otherwise);
  const version = Number(given('-v', '0'));
  const payload: UnsignedPayload = {
    imageTypeId: guid,
    imageIndex: Number(given('-i', '1')),
    hardwareInstance: BigInt(given('-I', '0')),
    monotonicCount: BigInt(given('-m', '0')),
    payloadHeader: list.includes('-v') ? 'fmp' : 'none',
    fwVersion: value(parseVersionTextAsReference(`0.0.${version >>> 16}.${version & 0xffff}`)),
    lowestSupportedFwVersion: value(parseVersionTextAsReference('0.0.0.0')),
    body: [literal(file(list.at(-2) ?? ''))],
  };
  const key = list.includes('-p') ? value(readPrivateKey(file(option(vector, '-p')))) : undefined;
  const identity = {
    digestName: 'sha256' as const,
    style: 'gnutls' as const,
    others: [],
    signingTimeMs: signingTimeMs(manifest.signingTime),
  };
  const signer =
    key && value(localSigner(key, { ...identity, certificates: value(readCertificates(file(option(vector, '-c')))) }));
  return value(buildCapsule({ payloads: [payload], headerBytes: 28, signer }));
}

export function mkeficapsule(vector: Vector): void {
  const stored = file(first(vector, '.cap'));
  expect(sha256(stored)).toBe(vector.sha256);
  if (isDeterministic(vector)) expect(Buffer.compare(rebuiltByMkeficapsule(vector), stored)).toBe(0);
  const signed = words(vector).includes('-c');
  const verdict = verifyCapsule(stored, {
    trust: signed ? anchorsAt(option(vector, '-c')) : { kind: 'unjudged' },
    policy: { ...EDK2_POLICY, unsigned: signed ? 'refuse' : 'accept', body: 'opaque' },
  });
  expect(verdict.kind).toBe(vector.expect?.verdict === 'reject' ? 'refused' : 'accepted');
  if (vector.expect?.verdict === 'accept') sameShape(vector.parsed, capsuleShape(accepted(verdict), stored));
}

const isOurs = (name: string): boolean => name in CAPSULE_ERRORS;

export function hostile(vector: Vector): void {
  const { expect: expected } = vector;
  if (expected === undefined) throw new Error(`${vector.id}: no expectation`);
  const stored = file(first(vector, '.cap'));
  expect(sha256(stored)).toBe(vector.sha256);
  const trust = anchorsAt(expected.trust ?? 'certs/QcFMPRoot.pub.pem');
  const expectedGuid = looseGuid(expected.expectedGuid ?? '');
  const verdict = verifyCapsule(stored, { trust, policy: EDK2_POLICY, expectedGuid });
  readCapsuleSummary(stored);
  if (expected.verdict === 'policy') {
    // Either answer can be defended; but there must be one, under both policies.
    const strict = verifyCapsule(stored, {
      trust,
      policy: strictPolicy(signingTimeMs(manifest.signingTime)),
      expectedGuid,
    });
    expect(['accepted', 'refused']).toContain(strict.kind);
    return;
  }
  expect(verdict.kind).toBe(expected.verdict === 'reject' ? 'refused' : 'accepted');
  if (verdict.kind !== 'refused') return;
  if (typeof expected.layer === 'string') expect(verdict.error.layer).toBe(expected.layer);
  // A set may name a class for which our table has another word; then the layer is what can be compared.
  if (expected.class !== undefined && isOurs(expected.class)) expect(verdict.error.code).toBe(expected.class);
}
