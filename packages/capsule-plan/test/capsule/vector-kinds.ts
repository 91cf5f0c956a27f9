// How each kind of vector is rebuilt, parsed and judged; a kind that is not in the table fails.

import { expect } from 'vitest';
import { concatBytes } from '../../src/bytes/writer.ts';
import { METADATA_FILE_GUID } from '../../src/capsule/volume-layouts.ts';
import {
  acceptCapsule,
  buildCapsule,
  bytesOf,
  CAPSULE_ERRORS,
  CAPSULE_FLAGS,
  type CapsuleVerdict,
  certificateOfKey,
  detectStorage,
  EDK2_POLICY,
  fvUpdateOf,
  imagesToUpdate,
  type LocalSigner,
  literal,
  localSigner,
  looseGuid,
  makeEcVolume,
  makeVolume,
  pairsOfTarget,
  parseFlashType,
  parseVersionTextAsReference,
  printVersionFields,
  readCapsuleSummary,
  readCertificates,
  readConfigJson,
  readEcVersions,
  readFromBytes,
  readFvUpdate,
  readMetadata,
  readPartitionTable,
  readPrivateKey,
  readTrustAnchors,
  readVersionFields,
  readVersionFile,
  readVolume,
  revertCapsule,
  strictPolicy,
  sum8,
  type UnsignedPayload,
  type VerifyPolicy,
  type Volume,
  verifyCapsule,
  writeConfigJson,
  writeFvUpdate,
  writeHexText,
  writeVersionFile,
} from '../../src/capsule.ts';
import {
  file,
  fileByDigest,
  imageByRecipe,
  manifest,
  option,
  type ParsedObject,
  sha256,
  type Vector,
  words,
} from './manifest.ts';
import { capsuleShape, comparable, metadataShape, onlyNamed, volumeShape } from './parsed-shape.ts';
import { value } from './value.ts';

const sameShape = (theirs: unknown, ours: unknown): void => {
  expect(onlyNamed(theirs, ours)).toEqual(comparable(theirs, ours));
};

const first = (vector: Vector, suffix: string): string => {
  const path = vector.files.find(candidate => candidate.endsWith(suffix));
  if (path === undefined) throw new Error(`${vector.id}: no file *${suffix}`);
  return path;
};

const signingTimeMs = (text: string): number => Date.parse(text.replace(/Z?$/, 'Z').replace(' ', 'T'));

/** One line, last component first, as openssl prints it for RFC 2253. */
const rfc2253 = (name: string): string => name.split('\n').toReversed().join(',');

function certificates(vector: Vector): void {
  for (const [name, wanted] of Object.entries(vector.parsed ?? {})) {
    const [certificate] = value(readCertificates(file(first(vector, `/${name}`))));
    const shape = {
      subject: rfc2253(certificate?.subject ?? ''),
      issuer: rfc2253(certificate?.issuer ?? ''),
      serial: certificate?.serialNumber,
      notBefore: certificate?.validFrom,
      notAfter: certificate?.validTo,
      'sha256 Fingerprint': certificate?.fingerprint256,
      sigalg: certificate?.signatureAlgorithm,
    };
    sameShape(wanted, shape);
  }
  const root = file(first(vector, '.cer'));
  const text = file(first(vector, '.inc'));
  expect(writeHexText(root)).toBe(text.toString('latin1'));
  expect(value(readTrustAnchors(text)).map(({ der }) => sha256(der))).toEqual([sha256(root)]);
  for (const name of vector.files.filter(path => path.endsWith('QcFMPCert.pem') || path.endsWith('.bag.pem'))) {
    const key = value(readPrivateKey(file(name)));
    value(certificateOfKey(value(readCertificates(file(name))), key));
  }
}

function sysfwVersion(vector: Vector): void {
  const stored = file(first(vector, '.bin'));
  const fwVersion = value(parseVersionTextAsReference(option(vector, '-FwVer')));
  const lowestSupportedFwVersion = value(parseVersionTextAsReference(option(vector, '-LFwVer')));
  expect(Buffer.from(writeVersionFile({ fwVersion, lowestSupportedFwVersion }))).toEqual(stored);
  const fields = value(readVersionFields(stored));
  const dotted = (u32: number): string => `0.0.${u32 >>> 16}.${u32 & 0xffff}`;
  sameShape(vector.parsed, {
    ...fields,
    crc32Hex: fields.crc32.toString(16).padStart(8, '0'),
    fwVersionStr: dotted(fields.fwVersion),
    lowestSupported: fields.lowestSupportedFwVersion,
    lowestSupportedStr: dotted(fields.lowestSupportedFwVersion),
  });
  if (vector.printAll !== undefined) expect(printVersionFields(fields)).toBe(vector.printAll);
}

function fvUpdateShape(bytes: Uint8Array): unknown {
  const { flashType, entries } = value(readFvUpdate(bytes));
  const partition = (part: (typeof entries)[number]['dest']) => [
    part.diskType,
    part.partitionName,
    part.partitionTypeGuid,
  ];
  return {
    breakingChangeNumber: '0',
    flashType,
    entries: entries.map(entry => ({
      ...entry,
      updateType: 'UPDATE_PARTITION',
      backupType: 'BACKUP_PARTITION',
      dest: partition(entry.dest),
      backup: partition(entry.backup),
    })),
  };
}

function fvUpdateXml(vector: Vector): void {
  const storage = parseFlashType(option(vector, '-S'));
  if (storage === undefined) throw new Error(`${vector.id}: storage`);
  const text = writeFvUpdate(fvUpdateOf(storage, value(pairsOfTarget(option(vector, '-T'), storage))));
  const stored = file(first(vector, '.xml'));
  expect(text).toBe(stored.toString('utf8'));
  sameShape(vector.parsed, fvUpdateShape(stored));
}

function fvUpdateXmlFromConf(vector: Vector): void {
  const conf = file(first(vector, '.conf')).toString('utf8');
  const storage = value(detectStorage(conf));
  const stored = file(first(vector, '.xml'));
  expect(writeFvUpdate(fvUpdateOf(storage, value(readPartitionTable(conf, storage))))).toBe(stored.toString('utf8'));
  sameShape(vector.parsed, fvUpdateShape(stored));
}

const imageOf = (vector: Vector, name: string): Buffer => {
  const path = vector.images?.[name] ?? '';
  return path.startsWith('see ') ? imageByRecipe(vector.note ?? '') : file(path);
};

/** The volume of a firmware-volume vector, built from its inputs. */
function rebuiltVolume(vector: Vector): Uint8Array {
  if (words(vector).includes('EC_FW')) {
    const image = file(vector.files[0] ?? '');
    return concatBytes([...bytesOf(makeEcVolume(literal(image), sum8(image)))]);
  }
  const version = value(readVersionFile(file(vector.files[1] ?? '')));
  const images = value(imagesToUpdate(value(readFvUpdate(file(vector.files[0] ?? '')))));
  const segments = makeVolume({
    ...version,
    revision: words(vector).includes('--glymur') ? 5 : 3,
    images: images.map((image, n) => {
      const bytes = imageOf(vector, image.inputBinary);
      return {
        ...image,
        data: literal(bytes),
        dataSum8: sum8(bytes),
        fileGuid: looseGuid(vector.fileGuids?.[n] ?? ''),
      };
    }),
  });
  return concatBytes([...bytesOf(value(segments))]);
}

const textOf = (parsed: unknown): string => (typeof parsed === 'string' ? parsed : '');

const metadataOf = (volume: Volume, source: Uint8Array): Uint8Array | undefined => {
  const data = volume.files.find(({ guid }) => guid === METADATA_FILE_GUID)?.data;
  return data === undefined ? undefined : source.subarray(data.offset, data.offset + data.length);
};

function firmwareVolume(vector: Vector): void {
  const built = rebuiltVolume(vector);
  expect(sha256(built)).toBe(vector.fvSha256);
  for (const path of vector.files) {
    if (path.endsWith('.fv')) expect(Buffer.compare(built, file(path))).toBe(0);
    if (path.endsWith('.head4096.bin')) expect(Buffer.compare(built.subarray(0, 4096), file(path))).toBe(0);
    if (path.endsWith('.tail4096.bin')) expect(Buffer.compare(built.subarray(-4096), file(path))).toBe(0);
  }
  const volume = value(readFromBytes(built, readVolume({ offset: 0, length: built.length })));
  sameShape(vector.parsed?.['fv'], volumeShape(volume, built));
  const metadata = metadataOf(volume, built);
  if (metadata === undefined) return;
  sameShape(vector.parsed?.['metadata'], metadataShape(value(readMetadata(metadata))));
  const stored = vector.files.find(path => path.endsWith('.Metadata.dat'));
  if (stored !== undefined) expect(Buffer.compare(metadata, file(stored))).toBe(0);
}

function configJson(vector: Vector): void {
  const source = file(vector.files[0] ?? '');
  const kind = option(vector, '-f') === 'EC_FW' ? 'EC_FW' : 'SYS_FW';
  const version = value(kind === 'EC_FW' ? readEcVersions(source) : readVersionFile(source));
  const text = writeConfigJson({
    ...version,
    kind,
    guid: option(vector, '-g'),
    payload: option(vector, '-pf'),
    signer: option(vector, '-p'),
    other: option(vector, '-oc'),
    trusted: option(vector, '-x'),
  });
  const stored = file(first(vector, '.json')).toString('utf8');
  expect(text).toBe(stored);
  sameShape(vector.parsed, JSON.parse(text));
  value(readConfigJson(stored));
}

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

function capsule(vector: Vector): void {
  const config = configOf(vector);
  const stored = file(first(vector, '.cap'));
  expect(sha256(stored)).toBe(vector.sha256);
  expect(Buffer.compare(rebuiltCapsule(vector, config), stored)).toBe(0);
  const policy: VerifyPolicy = {
    ...EDK2_POLICY,
    unsigned: config.payloads.every(({ signing }) => signing === undefined) ? 'accept' : 'refuse',
    drivers: config.drivers.length > 0 ? 'accept' : 'refuse',
  };
  const trust = anchorsAt(`${vector.certs ?? 'certs'}/QcFMPRoot.pub.pem`);
  const verdict = verifyCapsule(stored, { trust, policy });
  expect(verdict.kind).toBe(vector.expect?.verdict === 'reject' ? 'refused' : 'accepted');
  if (verdict.capsule !== undefined) sameShape(vector.parsed, capsuleShape(verdict.capsule, stored));
  for (const path of vector.files.filter(name => name.endsWith('.der'))) {
    const n = Number(/\.p7\.(\d+)\.der$/.exec(path)?.[1]) - 1;
    const der = verdict.capsule?.payloads[n]?.authentication?.der;
    expect(stored.subarray(der?.offset, (der?.offset ?? 0) + (der?.length ?? 0))).toEqual(file(path));
  }
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

function mkeficapsule(vector: Vector): void {
  const stored = file(first(vector, '.cap'));
  expect(sha256(stored)).toBe(vector.sha256);
  if (vector.deterministic === true) expect(Buffer.compare(rebuiltByMkeficapsule(vector), stored)).toBe(0);
  const signed = words(vector).includes('-c');
  const verdict = verifyCapsule(stored, {
    trust: signed ? anchorsAt(option(vector, '-c')) : { kind: 'unjudged' },
    policy: { ...EDK2_POLICY, unsigned: signed ? 'refuse' : 'accept', body: 'opaque' },
  });
  expect(verdict.kind).toBe(vector.expect?.verdict === 'reject' ? 'refused' : 'accepted');
  if (vector.expect?.verdict === 'accept') sameShape(vector.parsed, capsuleShape(accepted(verdict), stored));
}

const isOurs = (name: string): boolean => name in CAPSULE_ERRORS;

function hostile(vector: Vector): void {
  const { expect: expected } = vector;
  if (expected === undefined) throw new Error(`${vector.id}: no expectation`);
  const stored = file(first(vector, '.cap'));
  expect(sha256(stored)).toBe(vector.sha256);
  const trust = anchorsAt(expected.trust ?? 'certs/QcFMPRoot.pub.pem');
  const expectedGuid = looseGuid(expected.expectedGuid ?? '');
  const verdict = verifyCapsule(stored, { trust, policy: EDK2_POLICY, expectedGuid });
  readCapsuleSummary(stored);
  if (expected.verdict === 'policy') {
    // Either answer can be defended; the strict policy must be the one that refuses.
    const atMs = signingTimeMs(manifest.signingTime);
    expect(verifyCapsule(stored, { trust, policy: strictPolicy(atMs), expectedGuid }).kind).toBe('refused');
    return;
  }
  expect(verdict.kind).toBe(expected.verdict === 'reject' ? 'refused' : 'accepted');
  if (verdict.kind !== 'refused') return;
  expect(verdict.error.layer).toBe(expected.layer);
  // A set may name a class for which our table has another word; then the layer is what can be compared.
  if (expected.class !== undefined && isOurs(expected.class)) expect(verdict.error.code).toBe(expected.class);
}

const KINDS: Readonly<Record<string, ((vector: Vector) => void) | undefined>> = {
  certificates,
  'sysfw-version': sysfwVersion,
  'fvupdate-xml': fvUpdateXml,
  'fvupdate-xml-from-conf': fvUpdateXmlFromConf,
  'firmware-volume': firmwareVolume,
  'config-json': configJson,
  capsule,
  mkeficapsule,
  hostile,
};

/** Checks one vector. Throws where something differs, and for a kind that nothing here knows. */
export function checkVector(vector: Vector): 'as stored' {
  const check = KINDS[vector.kind];
  if (check === undefined) throw new Error(`${vector.id}: no check for kind ${vector.kind}`);
  check(vector);
  return 'as stored';
}
