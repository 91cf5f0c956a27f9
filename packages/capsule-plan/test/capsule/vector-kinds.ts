// How each kind of vector is rebuilt, parsed and judged; a kind that is not in the table fails.

import { expect } from 'vitest';
import { METADATA_FILE_GUID } from '../../src/capsule/volume-layouts.ts';
import {
  certificateOfKey,
  detectStorage,
  fvUpdateOf,
  pairsOfTarget,
  parseFlashType,
  parseVersionTextAsReference,
  printVersionFields,
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
  type Volume,
  writeConfigJson,
  writeFvUpdate,
  writeHexText,
  writeVersionFile,
} from '../../src/capsule.ts';
import { file, option, sha256, type Vector } from './manifest.ts';
import { metadataShape, volumeShape } from './parsed-shape.ts';
import { value } from './value.ts';

import { capsule, hostile, mkeficapsule } from './vector-capsules.ts';
import { first, sameShape } from './vector-parts.ts';
import { rebuiltVolume } from './vector-volumes.ts';

/** One line, last component first, as openssl prints it for RFC 2253. */
const rfc2253 = (name: string): string => name.split('\n').toReversed().join(',');

const hasKeyAndCertificate = (path: string): boolean => {
  const text = file(path).toString('latin1');
  return /BEGIN [A-Z ]*PRIVATE KEY/.test(text) && text.includes('BEGIN CERTIFICATE');
};

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
  for (const name of vector.files.filter(hasKeyAndCertificate)) {
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

function fvUpdateShape(bytes: Uint8Array) {
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

/** For a spinor table the reference writes a flash type that its own fv-create refuses; ours asks which one is meant. */
const SPINOR = '<FlashType>SPINOR</FlashType>';

function fvUpdateXmlFromConf(vector: Vector): void {
  const conf = file(first(vector, '.conf')).toString('utf8');
  const stored = file(first(vector, '.xml')).toString('utf8');
  const isSpinor = stored.includes(SPINOR);
  const storage = isSpinor ? 'NORUFS' : value(detectStorage(conf));
  if (isSpinor) expect(detectStorage(conf).ok).toBe(false);
  const usable = stored.replace(SPINOR, `<FlashType>${storage}</FlashType>`);
  expect(writeFvUpdate(fvUpdateOf(storage, value(readPartitionTable(conf, storage))))).toBe(usable);
  const shape = fvUpdateShape(Buffer.from(usable));
  sameShape(vector.parsed, isSpinor ? { ...shape, flashType: 'SPINOR' } : shape);
}

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
