// Lays out a capsule: headers, item table and, per payload, image header, room for the signature, and the signed bytes.

import { err, type FirmwareVersion, formatFirmwareVersion, type Guid, ok, type Result } from '@seatrial/spec';
import { u64 } from '../bytes/fields.ts';
import { GUID_BYTES, guidToBytes } from '../bytes/guid.ts';
import { concatBytes } from '../bytes/writer.ts';
import { type DependencyStep, writeDependency } from './dependency.ts';
import { type CapsuleError, capsuleError } from './errors.ts';
import {
  ACCEPT_CAPSULE_GUID,
  AUTH_LENGTH_OVERHEAD,
  authenticationHeader,
  CAPSULE_FLAGS,
  capsuleHeader,
  EDK2_HEADER_BYTES,
  FMP_CAPSULE_GUID,
  fmpHeader,
  IMAGE_SUPPORT,
  type ImageHeaderVersion,
  imageHeaders,
  payloadHeader,
  REVERT_CAPSULE_GUID,
} from './header-layouts.ts';
import { firstBroken, type Rule } from './rules.ts';
import { literal, type Segment, totalBytes } from './segments.ts';

/** One payload to be packed. */
export interface PayloadInput<S> {
  /** The board's ESRT `fwClass`. */
  readonly imageTypeId: Guid;
  readonly fwVersion: FirmwareVersion;
  readonly lowestSupportedFwVersion: FirmwareVersion;
  /** Normally a firmware volume. */
  readonly body: readonly Segment<S>[];
  /** 1 to 255; 1 unless given. */
  readonly imageIndex?: number;
  /** 0 (any) unless given. */
  readonly hardwareInstance?: bigint;
  /** 2 unless given, as in Qualcomm's guide. */
  readonly monotonicCount?: bigint;
  readonly dependency?: readonly DependencyStep[] | undefined;
  /** 3 unless given; older ones can not announce a signature. */
  readonly imageHeaderVersion?: ImageHeaderVersion;
  /** `none` leaves out the payload header, as mkeficapsule does without --fw-version. */
  readonly payloadHeader?: 'fmp' | 'none';
  readonly vendorCode?: Uint8Array;
  /** The size of the PKCS#7 block that will be put in; undefined leaves the payload unsigned. */
  readonly signatureBytes: number | undefined;
}

/** U-Boot's capsule that accepts an image on trial. */
export const acceptCapsule = (imageTypeId: Guid): Uint8Array =>
  concatBytes([bareHeader(ACCEPT_CAPSULE_GUID, GUID_BYTES), guidToBytes(imageTypeId)]);

/** U-Boot's capsule that goes back to the firmware before. */
export const revertCapsule = (): Uint8Array => bareHeader(REVERT_CAPSULE_GUID, 0);

const bareHeader = (capsuleGuid: Guid, bodyBytes: number): Uint8Array =>
  capsuleHeader.write({
    capsuleGuid,
    headerSize: capsuleHeader.sizeBytes,
    flags: 0,
    capsuleImageSize: capsuleHeader.sizeBytes + bodyBytes,
  });

export interface CapsuleInput<S> {
  readonly payloads: readonly PayloadInput<S>[];
  readonly drivers?: readonly Segment<S>[];
  /** PersistAcrossReset alone unless given; the low 16 bits belong to the firmware class. */
  readonly flags?: number;
  /** 32 (edk2) unless given; mkeficapsule writes 28. */
  readonly headerBytes?: 28 | 32;
}

/** A payload's place: what is hashed for its signature, and where the PKCS#7 block goes. */
export interface PayloadPlan<S> {
  /** Dependency, payload header and body; `count` follows them in the hash only. */
  readonly signed: readonly Segment<S>[];
  readonly count: Uint8Array;
  readonly signature: { readonly offset: number; readonly length: number } | undefined;
}

export interface CapsulePlan<S> {
  readonly sizeBytes: number;
  /** The file from start to end, with zeros where signatures go. */
  readonly segments: readonly Segment<S>[];
  readonly payloads: readonly PayloadPlan<S>[];
}

const DEFAULT_COUNT = 2n;
const MAX_CAPSULE_BYTES = 0xffff_ffff;
/** Leaves room for every header and a signature, so that no 32-bit size can overflow before the sum is known. */
const MAX_BODY_BYTES = MAX_CAPSULE_BYTES - 16 * 1024 * 1024;
const MAX_ITEMS = 0xffff;

const isCount = (value: bigint): boolean => value >= 0n && value <= 0xffff_ffff_ffff_ffffn;

const PAYLOAD_RULES: readonly Rule<PayloadInput<unknown>>[] = [
  [
    'LOW_ABOVE_FW',
    f => f.lowestSupportedFwVersion <= f.fwVersion,
    f => `${formatFirmwareVersion(f.lowestSupportedFwVersion)} above ${formatFirmwareVersion(f.fwVersion)}`,
  ],
  [
    'CONFIG_VALUE',
    f => Number.isInteger(f.imageIndex ?? 1) && (f.imageIndex ?? 1) >= 1 && (f.imageIndex ?? 1) <= 255,
    f => `image index ${f.imageIndex}`,
  ],
  ['CONFIG_VALUE', f => isCount(f.hardwareInstance ?? 0n), f => `hardware instance ${f.hardwareInstance}`],
  ['CONFIG_VALUE', f => isCount(f.monotonicCount ?? 0n), f => `monotonic count ${f.monotonicCount}`],
  [
    'CONFIG_VALUE',
    f => f.dependency === undefined || (f.imageHeaderVersion ?? 3) === 3,
    () => 'only image header version 3 announces a dependency',
  ],
  ['PAYLOAD_TRUNCATED', f => totalBytes(f.body) > 0, () => 'an empty payload'],
  ['INPUT_TOO_LARGE', f => totalBytes(f.body) < MAX_BODY_BYTES, f => `${totalBytes(f.body)} bytes`],
];

/** Plans the file. Fails with LOW_ABOVE_FW, CONFIG_VALUE, PAYLOAD_TRUNCATED, FMP_NO_ITEMS, CAP_FLAGS or INPUT_TOO_LARGE. */
export function layOutCapsule<S>(input: CapsuleInput<S>): Result<CapsulePlan<S>, CapsuleError> {
  const problem = inputProblem(input);
  if (problem !== undefined) return err(problem);
  const drivers = input.drivers ?? [];
  const items = input.payloads.map(layOutPayload);
  const headerBytes = input.headerBytes ?? EDK2_HEADER_BYTES;
  const tableBytes = fmpHeader.sizeBytes + u64.sizeBytes * (drivers.length + items.length);
  const sizes = [...drivers.map(driver => totalBytes([driver])), ...items.map(item => totalBytes(item.segments))];
  const sizeBytes = headerBytes + tableBytes + sizes.reduce((sum, size) => sum + size, 0);
  if (sizeBytes > MAX_CAPSULE_BYTES) return err(capsuleError('INPUT_TOO_LARGE', `${sizeBytes} bytes`));
  const offsets = startsOf(sizes, tableBytes);
  const header = concatBytes([
    frameBytes(input, headerBytes, sizeBytes),
    fmpHeader.write({ embeddedDriverCount: drivers.length, payloadItemCount: items.length }),
    ...offsets.map(offset => numberBytes(BigInt(offset))),
  ]);
  return ok({
    sizeBytes,
    segments: [literal(header), ...drivers, ...items.flatMap(item => item.segments)],
    payloads: items.map((item, n) => placed(item, headerBytes + (offsets[drivers.length + n] ?? 0))),
  });
}

function inputProblem<S>({ payloads, drivers, flags }: CapsuleInput<S>): CapsuleError | undefined {
  if (payloads.length === 0) return capsuleError('FMP_NO_ITEMS', 'no payload');
  if (payloads.length > MAX_ITEMS || (drivers?.length ?? 0) > MAX_ITEMS)
    return capsuleError('CONFIG_VALUE', 'more than 65535 items');
  const { persistAcrossReset, populateSystemTable, initiateReset } = CAPSULE_FLAGS;
  const given = flags ?? persistAcrossReset;
  const resets = (given & initiateReset) !== 0 && (given & persistAcrossReset) === 0;
  if ((given & populateSystemTable) !== 0 || resets) return capsuleError('CAP_FLAGS', given.toString(16));
  for (const payload of payloads) {
    const broken = firstBroken(PAYLOAD_RULES, payload);
    if (broken !== undefined) return broken;
  }
  return undefined;
}

function frameBytes<S>(input: CapsuleInput<S>, headerSize: number, capsuleImageSize: number): Uint8Array {
  const flags = input.flags ?? CAPSULE_FLAGS.persistAcrossReset;
  const frame = capsuleHeader.write({ capsuleGuid: FMP_CAPSULE_GUID, headerSize, flags, capsuleImageSize });
  return concatBytes([frame, new Uint8Array(headerSize - frame.length)]);
}

/** Where each of the consecutive items starts, the first one at `from`. */
function startsOf(sizes: readonly number[], from: number): readonly number[] {
  let at = from;
  return sizes.map(size => {
    const start = at;
    at += size;
    return start;
  });
}

function numberBytes(value: bigint): Uint8Array {
  const bytes = new Uint8Array(u64.sizeBytes);
  u64.put(new DataView(bytes.buffer), 0, value);
  return bytes;
}

interface PayloadLayout<S> {
  readonly segments: readonly Segment<S>[];
  readonly signed: readonly Segment<S>[];
  readonly count: Uint8Array;
  /** From the start of the item. */
  readonly signature: { readonly offset: number; readonly length: number } | undefined;
}

function layOutPayload<S>(payload: PayloadInput<S>): PayloadLayout<S> {
  const monotonicCount = payload.monotonicCount ?? DEFAULT_COUNT;
  const signed = signedSegments(payload);
  const authentication = authenticationBytes(monotonicCount, payload.signatureBytes);
  const vendorCode = payload.vendorCode ?? new Uint8Array();
  const header = imageHeaderBytes(payload, authentication.length + totalBytes(signed), vendorCode.length);
  const signature =
    payload.signatureBytes === undefined
      ? undefined
      : { offset: header.length + authenticationHeader.sizeBytes, length: payload.signatureBytes };
  return {
    segments: [literal(concatBytes([header, authentication])), ...signed, literal(vendorCode)],
    signed,
    count: numberBytes(monotonicCount),
    signature,
  };
}

function signedSegments<S>(payload: PayloadInput<S>): readonly Segment<S>[] {
  const head = payloadHeader.write({
    headerSize: payloadHeader.sizeBytes,
    fwVersion: payload.fwVersion,
    lowestSupportedVersion: payload.lowestSupportedFwVersion,
  });
  const dependency = payload.dependency === undefined ? new Uint8Array() : writeDependency(payload.dependency);
  const header = payload.payloadHeader === 'none' ? dependency : concatBytes([dependency, head]);
  return [literal(header), ...payload.body];
}

const authenticationBytes = (monotonicCount: bigint, signatureBytes: number | undefined): Uint8Array =>
  signatureBytes === undefined
    ? new Uint8Array()
    : concatBytes([
        authenticationHeader.write({ monotonicCount, length: AUTH_LENGTH_OVERHEAD + signatureBytes }),
        new Uint8Array(signatureBytes),
      ]);

function imageHeaderBytes<S>(payload: PayloadInput<S>, imageBytes: number, vendorBytes: number): Uint8Array {
  const support =
    (payload.signatureBytes === undefined ? 0n : IMAGE_SUPPORT.authentication) +
    (payload.dependency === undefined ? 0n : IMAGE_SUPPORT.dependency);
  const version = payload.imageHeaderVersion ?? 3;
  return imageHeaders[version].write({
    version,
    updateImageTypeId: payload.imageTypeId,
    updateImageIndex: payload.imageIndex ?? 1,
    reserved: new Uint8Array(3),
    updateImageSize: imageBytes,
    updateVendorCodeSize: vendorBytes,
    updateHardwareInstance: payload.hardwareInstance ?? 0n,
    imageCapsuleSupport: support,
  });
}

const placed = <S>({ signed, count, signature }: PayloadLayout<S>, itemOffset: number): PayloadPlan<S> => ({
  signed,
  count,
  signature: signature === undefined ? undefined : { ...signature, offset: itemOffset + signature.offset },
});
