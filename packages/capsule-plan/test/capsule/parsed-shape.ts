// Our view of a capsule in the words of the manifests, so that every parsed field can be compared.

import { firmwareVersion, formatFirmwareVersion } from '@seatrial/spec';
import { writeDependency } from '../../src/capsule/dependency.ts';
import {
  diskTypeName,
  type InspectedCapsule,
  type InspectedPayload,
  type Metadata,
  type Volume,
} from '../../src/capsule.ts';
import { sha256 } from './manifest.ts';

const hex8 = (value: number): string => value.toString(16).padStart(8, '0');
const version = (u32: number): string => formatFirmwareVersion(firmwareVersion(u32));

const view = (source: Uint8Array, range: { readonly offset: number; readonly length: number }): Uint8Array =>
  source.subarray(range.offset, range.offset + range.length);

export const volumeShape = (volume: Volume, source: Uint8Array) => ({
  fileSystemGuid: volume.header.fileSystemGuid,
  fvLength: Number(volume.header.fvLength),
  attributes: volume.header.attributes,
  attributesHex: hex8(volume.header.attributes),
  headerLength: volume.header.headerLength,
  checksum: volume.header.checksum,
  checksumHex: volume.header.checksum.toString(16).padStart(4, '0'),
  extHeaderOffset: volume.header.extHeaderOffset,
  revision: volume.header.revision,
  numBlocks: volume.header.numBlocks,
  blockLength: volume.header.blockLength,
  files: volume.files.map(({ data, ...fields }) => ({
    ...fields,
    dataSize: data.length,
    dataSha256: sha256(view(source, data)),
  })),
  usedSize: volume.usedBytes,
});

export const metadataShape = ({ header, entries, entryBytes }: Metadata) => ({
  revision: header.revision,
  headerSizeField: header.size,
  firmwareVersion: header.firmwareVersion,
  lowestSupportedVersion: header.lowestSupportedVersion,
  breakingChangeNumber: header.breakingChangeNumber,
  reserved1: header.reserved1,
  reserved2: header.reserved2,
  entryCount: header.entryCount,
  entrySize: entryBytes,
  entries: entries.map(entry => ({
    ...entry,
    dest: { ...entry.dest, diskTypeName: diskTypeName(entry.dest.diskType) },
    backup: { ...entry.backup, diskTypeName: diskTypeName(entry.backup.diskType) },
  })),
});

const headShape = ({ head }: InspectedPayload, source: Uint8Array) =>
  head === undefined
    ? null
    : {
        headerSize: head.header.headerSize,
        fwVersion: head.header.fwVersion,
        fwVersionStr: version(head.header.fwVersion),
        lowestSupported: head.header.lowestSupportedVersion,
        lowestSupportedStr: version(head.header.lowestSupportedVersion),
        bodySize: head.body.length,
        bodySha256: sha256(view(source, head.body)),
      };

const countBytes = (count: bigint): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(count);
  return bytes;
};

function payloadShape(payload: InspectedPayload, source: Uint8Array) {
  const { header } = payload.image;
  const { authentication, signed, head } = payload;
  const raw = signed === undefined ? new Uint8Array() : view(source, signed);
  const dependency = head?.dependency === undefined ? undefined : writeDependency(head.dependency.steps);
  return {
    imageHeaderVersion: header.version,
    updateImageTypeId: header.updateImageTypeId,
    updateImageIndex: header.updateImageIndex,
    reserved: Buffer.from(header.reserved).toString('hex'),
    updateImageSize: header.updateImageSize,
    updateVendorCodeSize: header.updateVendorCodeSize,
    updateHardwareInstance: header.updateHardwareInstance,
    imageCapsuleSupport: header.imageCapsuleSupport,
    auth: authentication && {
      monotonicCount: authentication.monotonicCount,
      dwLength: authentication.length,
      wRevision: authentication.revision,
      wCertificateType: authentication.certificateType,
      certType: authentication.certType,
      certDataSize: authentication.der.length,
      certDataSha256: sha256(view(source, authentication.der)),
      signedDataSha256: sha256(Buffer.concat([raw, countBytes(authentication.monotonicCount)])),
    },
    dependencyHex: dependency && Buffer.from(dependency).toString('hex'),
    payloadHeader: headShape(payload, source),
    rawPayloadSize: raw.length,
    rawPayloadSha256: sha256(raw),
    fv: payload.volume && volumeShape(payload.volume, source),
    metadata: payload.metadata && metadataShape(payload.metadata),
  };
}

const KINDS = { fmp: 'fmp', accept: 'fw-accept', revert: 'fw-revert' } as const;

export function capsuleShape({ envelope, payloads }: InspectedCapsule, source: Uint8Array) {
  const frame = { ...envelope.frame, flagsHex: hex8(envelope.frame.flags), kind: KINDS[envelope.kind] };
  if (envelope.kind === 'accept') return { ...frame, acceptImageGuid: envelope.imageTypeId };
  if (envelope.kind === 'revert') return frame;
  return {
    ...frame,
    fmpVersion: 1,
    embeddedDriverCount: envelope.drivers.length,
    payloadItemCount: envelope.images.length,
    itemOffsets: envelope.itemOffsets,
    payloads: payloads.map(payload => payloadShape(payload, source)),
    embeddedDrivers: envelope.drivers.map(range => ({ size: range.length, sha256: sha256(view(source, range)) })),
  };
}

/** What a manifest says about other tools' verdicts, not about the bytes. */
const ELSEWHERE = /^verifies_/;

/** `ours` cut down to the members that `theirs` names, with whole numbers of either kind made equal. */
export function onlyNamed(theirs: unknown, ours: unknown): unknown {
  if (Array.isArray(theirs) && Array.isArray(ours)) {
    const length = Math.max(theirs.length, ours.length);
    return Array.from({ length }, (_, n) => onlyNamed(theirs[n], ours[n]));
  }
  if (isObject(theirs) && isObject(ours))
    return Object.fromEntries(
      Object.entries(theirs)
        .filter(([key]) => !ELSEWHERE.test(key))
        .map(([key, value]) => [key, onlyNamed(value, ours[key])]),
    );
  return typeof ours === 'bigint' ? String(ours) : ours;
}

/** The manifest's side of the comparison. */
export function comparable(theirs: unknown, ours: unknown): unknown {
  if (Array.isArray(theirs))
    return theirs.map((value, n) => comparable(value, Array.isArray(ours) ? ours[n] : undefined));
  if (isObject(theirs))
    return Object.fromEntries(
      Object.entries(theirs)
        .filter(([key]) => !ELSEWHERE.test(key))
        .map(([key, value]) => [key, comparable(value, isObject(ours) ? ours[key] : undefined)]),
    );
  return typeof ours === 'bigint' ? String(theirs) : theirs;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
