// Reads what surrounds the signed bytes of a capsule: headers, item table, image headers. Looks at no signed byte.

import { err, type Guid, ok, type Result } from '@seatrial/spec';
import { u64 } from '../bytes/fields.ts';
import { GUID_BYTES, guidFromBytes } from '../bytes/guid.ts';
import { type ByteRange, type Reading, readRange, visitRange } from '../bytes/reading.ts';
import { type CapsuleError, capsuleError } from './errors.ts';
import {
  ACCEPT_CAPSULE_GUID,
  CAPSULE_FLAGS,
  capsuleHeader,
  FMP_CAPSULE_GUID,
  fmpHeader,
  type ImageHeader,
  type ImageHeaderVersion,
  imageHeaders,
  imageVersion,
  REVERT_CAPSULE_GUID,
} from './header-layouts.ts';
import { firstBroken, type Rule } from './rules.ts';

export interface CapsuleFrame {
  readonly capsuleGuid: Guid;
  readonly headerSize: number;
  readonly flags: number;
  readonly capsuleImageSize: number;
}

/** One item of the capsule that carries an image. Ranges are from the start of the file. */
export interface ImageItem {
  /** Version 1 and 2 headers lack the last fields; they read as 0. */
  readonly header: ImageHeader;
  readonly item: ByteRange;
  /** Authentication block, if any, and payload. */
  readonly image: ByteRange;
  readonly vendorCode: ByteRange;
}

export type CapsuleEnvelope =
  | {
      readonly kind: 'fmp';
      readonly frame: CapsuleFrame;
      readonly itemOffsets: readonly bigint[];
      readonly drivers: readonly ByteRange[];
      readonly images: readonly ImageItem[];
    }
  | { readonly kind: 'accept'; readonly frame: CapsuleFrame; readonly imageTypeId: Guid }
  | { readonly kind: 'revert'; readonly frame: CapsuleFrame };

type FrameFacts = CapsuleFrame & { readonly sizeBytes: number };

const CAPSULE_KINDS: Readonly<Record<string, CapsuleEnvelope['kind'] | undefined>> = {
  [FMP_CAPSULE_GUID]: 'fmp',
  [ACCEPT_CAPSULE_GUID]: 'accept',
  [REVERT_CAPSULE_GUID]: 'revert',
};
const LEAST_BODY_BYTES = { fmp: 1, accept: 16, revert: 0 } as const satisfies Record<CapsuleEnvelope['kind'], number>;

const leastBody = (frame: CapsuleFrame): number => LEAST_BODY_BYTES[CAPSULE_KINDS[frame.capsuleGuid] ?? 'fmp'];
const has = (flags: number, flag: number): boolean => (flags & flag) !== 0;

const FRAME_RULES: readonly Rule<FrameFacts>[] = [
  ['CAP_GUID', f => CAPSULE_KINDS[f.capsuleGuid] !== undefined, f => f.capsuleGuid],
  [
    'CAP_HEADER_SIZE',
    f => f.headerSize >= capsuleHeader.sizeBytes && f.headerSize + leastBody(f) <= f.capsuleImageSize,
    f => `${f.headerSize} of ${f.capsuleImageSize} bytes`,
  ],
  [
    'CAP_IMAGE_SIZE',
    f => f.capsuleImageSize === f.sizeBytes,
    f => `header says ${f.capsuleImageSize} bytes, the file has ${f.sizeBytes}`,
  ],
  [
    'CAP_FLAGS',
    f => !has(f.flags, CAPSULE_FLAGS.populateSystemTable),
    () => 'PopulateSystemTable is set on a firmware management capsule',
  ],
  [
    'CAP_FLAGS',
    f => !has(f.flags, CAPSULE_FLAGS.initiateReset) || has(f.flags, CAPSULE_FLAGS.persistAcrossReset),
    () => 'InitiateReset without PersistAcrossReset',
  ],
];

/** Reads and checks the envelope of a source of `sizeBytes`. Fails with a code of layer capsule, fmp or image. */
export function* readEnvelope(sizeBytes: number): Reading<Result<CapsuleEnvelope, CapsuleError>> {
  if (sizeBytes < capsuleHeader.sizeBytes) return err(capsuleError('CAP_TRUNCATED', `${sizeBytes} bytes`, 0));
  const frame = capsuleHeader.read(yield* readRange(0, capsuleHeader.sizeBytes));
  if (frame === undefined) return err(capsuleError('CAP_TRUNCATED', `${sizeBytes} bytes`, 0));
  const broken = firstBroken(FRAME_RULES, { ...frame, sizeBytes }, 0);
  if (broken !== undefined) return err(broken);
  const kind = CAPSULE_KINDS[frame.capsuleGuid];
  if (kind === 'revert') return ok({ kind, frame });
  if (kind === 'accept')
    return ok({ kind, frame, imageTypeId: guidFromBytes(yield* readRange(frame.headerSize, GUID_BYTES)) });
  return yield* readItems(frame);
}

interface ItemTable {
  readonly version: number;
  readonly embeddedDriverCount: number;
  readonly payloadItemCount: number;
  /** Bytes from the firmware management header to the end of the file. */
  readonly bodyBytes: number;
}

const tableBytes = (table: ItemTable): number =>
  fmpHeader.sizeBytes + u64.sizeBytes * (table.embeddedDriverCount + table.payloadItemCount);

const TABLE_RULES: readonly Rule<ItemTable>[] = [
  ['FMP_VERSION', f => f.version === 1, f => `version ${f.version}`],
  ['FMP_NO_ITEMS', f => f.payloadItemCount > 0, () => 'no payload'],
  [
    'FMP_ITEM_COUNT',
    f => tableBytes(f) <= f.bodyBytes,
    f => `${f.embeddedDriverCount} drivers and ${f.payloadItemCount} payloads in ${f.bodyBytes} bytes`,
  ],
];

function* readItems(frame: CapsuleFrame): Reading<Result<CapsuleEnvelope, CapsuleError>> {
  const start = frame.headerSize;
  const bodyBytes = frame.capsuleImageSize - start;
  if (bodyBytes < fmpHeader.sizeBytes) return err(capsuleError('FMP_TRUNCATED', `${bodyBytes} bytes`, start));
  const header = fmpHeader.read(yield* readRange(start, fmpHeader.sizeBytes));
  if (header === undefined) return err(capsuleError('FMP_TRUNCATED', `${bodyBytes} bytes`, start));
  const table = { ...header, bodyBytes };
  const broken = firstBroken(TABLE_RULES, table, start);
  if (broken !== undefined) return err(broken);
  const itemOffsets = yield* readOffsets(start + fmpHeader.sizeBytes, tableBytes(table) - fmpHeader.sizeBytes);
  const items = itemRanges(itemOffsets, table, start);
  if (!items.ok) return items;
  const images = yield* readImages(items.value.slice(header.embeddedDriverCount));
  if (!images.ok) return images;
  const drivers = items.value.slice(0, header.embeddedDriverCount);
  return ok({ kind: 'fmp', frame, itemOffsets, drivers, images: images.value });
}

function* readOffsets(offset: number, length: number): Reading<readonly bigint[]> {
  const offsets: bigint[] = [];
  yield* visitRange({ offset, length }, chunk => {
    const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    for (let at = 0; at < chunk.length; at += u64.sizeBytes) offsets.push(u64.get(view, at));
  });
  return offsets;
}

/** Each item reaches to the next one; offsets must ascend, after the table and inside the file. */
function itemRanges(
  offsets: readonly bigint[],
  table: ItemTable,
  start: number,
): Result<readonly ByteRange[], CapsuleError> {
  let least = BigInt(tableBytes(table));
  for (const [n, offset] of offsets.entries()) {
    if (offset < least || offset >= BigInt(table.bodyBytes))
      return err(capsuleError('FMP_ITEM_OFFSET', `item ${n} at ${offset} of ${table.bodyBytes}`, start));
    least = offset + 1n;
  }
  const ends = [...offsets.slice(1), BigInt(table.bodyBytes)];
  return ok(offsets.map((from, n) => ({ offset: start + Number(from), length: Number((ends[n] ?? from) - from) })));
}

function* readImages(items: readonly ByteRange[]): Reading<Result<readonly ImageItem[], CapsuleError>> {
  const images: ImageItem[] = [];
  for (const item of items) {
    const image = readImage(item, yield* readRange(item.offset, Math.min(item.length, imageHeaders[3].sizeBytes)));
    if (!image.ok) return image;
    images.push(image.value);
  }
  return ok(images);
}

const isHeaderVersion = (version: number): version is ImageHeaderVersion => version >= 1 && version <= 3;

function readImage(item: ByteRange, bytes: Uint8Array): Result<ImageItem, CapsuleError> {
  const truncated = err(capsuleError('IMG_TRUNCATED', `${item.length} bytes`, item.offset));
  const version = imageVersion.read(bytes)?.version;
  if (version === undefined) return truncated;
  if (!isHeaderVersion(version)) return err(capsuleError('IMG_VERSION', `version ${version}`, item.offset));
  const layout = imageHeaders[version];
  const header = layout.read(bytes);
  if (header === undefined) return truncated;
  const { updateImageSize, updateVendorCodeSize } = header;
  if (layout.sizeBytes + updateImageSize + updateVendorCodeSize !== item.length) {
    const sum = `${layout.sizeBytes} + ${updateImageSize} + ${updateVendorCodeSize}`;
    return err(capsuleError('IMG_SIZE', `${sum} is not ${item.length}`, item.offset));
  }
  const image = { offset: item.offset + layout.sizeBytes, length: updateImageSize };
  const vendorCode = { offset: image.offset + image.length, length: updateVendorCodeSize };
  return ok({ header: { ...LATER_FIELDS, ...header }, item, image, vendorCode });
}

const LATER_FIELDS = { updateHardwareInstance: 0n, imageCapsuleSupport: 0n };
