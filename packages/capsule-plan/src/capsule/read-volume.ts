// Reads a firmware volume: header, files and their checksums, and the metadata file, never holding more than one chunk.

import { err, type Guid, ok, type Result } from '@seatrial/spec';
import { BlockSums } from '../bytes/block-sums.ts';
import { negated8, sum8, sum16 } from '../bytes/checksum.ts';
import type { LayoutValues } from '../bytes/layout.ts';
import { type ByteRange, type Reading, readRange } from '../bytes/reading.ts';
import { type CapsuleError, capsuleError } from './errors.ts';
import { firstBroken, type Rule } from './rules.ts';
import {
  ERASED,
  FFS2_GUID,
  FFS3_GUID,
  FILE_ALIGNMENT_BYTES,
  FILE_ATTRIBUTES,
  type FileHeader,
  fileHeader,
  largeFileHeader,
  volumeHeader,
} from './volume-layouts.ts';

export type VolumeHeader = LayoutValues<typeof volumeHeader>;

/** One FFS file. `offset` is from the start of the volume, `data` from the start of the source. */
export interface VolumeFileInfo {
  readonly offset: number;
  readonly guid: Guid;
  readonly type: number;
  readonly attributes: number;
  readonly headerChecksum: number;
  readonly fileChecksum: number;
  readonly state: number;
  readonly headerSize: number;
  readonly size: number;
  readonly data: ByteRange;
}

export interface Volume {
  readonly header: VolumeHeader;
  readonly files: readonly VolumeFileInfo[];
  /** Up to the end of the last file, aligned. */
  readonly usedBytes: number;
}

interface VolumeFacts extends VolumeHeader {
  readonly bodyBytes: number;
  readonly wordSum: number;
}

const { signature, headerLength, revision, blockLength } = volumeHeader.constants;

const VOLUME_RULES: readonly Rule<VolumeFacts>[] = [
  ['FV_SIGNATURE', f => f.signature === signature, f => JSON.stringify(f.signature)],
  ['FV_HDR_LENGTH', f => f.headerLength === headerLength, f => `${f.headerLength}`],
  ['FV_CHECKSUM', f => f.wordSum === 0, f => `words sum to ${f.wordSum}`],
  ['FV_LENGTH', f => f.fvLength === BigInt(f.bodyBytes), f => `${f.fvLength} in a payload of ${f.bodyBytes}`],
  ['FV_GUID', f => f.fileSystemGuid === FFS2_GUID || f.fileSystemGuid === FFS3_GUID, f => f.fileSystemGuid],
  ['FV_REVISION', f => f.revision === revision, f => `revision ${f.revision}`],
  [
    'FV_BLOCKS',
    f => BigInt(f.numBlocks) * BigInt(f.blockLength) === f.fvLength && f.blockLength === blockLength,
    f => `${f.numBlocks} blocks of ${f.blockLength}`,
  ],
];

/** Reads the volume that fills `range`; `sums` may know part of it already. Fails with a code of layer fv. */
export function* readVolume(
  range: ByteRange,
  sums: BlockSums = new BlockSums(range.offset),
): Reading<Result<Volume, CapsuleError>> {
  const bytes = yield* readRange(range.offset, Math.min(range.length, volumeHeader.sizeBytes));
  const header = volumeHeader.read(bytes);
  if (header === undefined) return err(capsuleError('FV_TRUNCATED', `${range.length} bytes`, range.offset));
  const broken = firstBroken(VOLUME_RULES, { ...header, bodyBytes: range.length, wordSum: sum16(bytes) }, range.offset);
  if (broken !== undefined) return err(broken);
  const files: VolumeFileInfo[] = [];
  let at = volumeHeader.sizeBytes;
  while (at + fileHeader.sizeBytes <= range.length) {
    const file = yield* readFile({ volume: range, at, sums });
    if (!file.ok) return file;
    if (file.value === 'end') break;
    if (files.length >= MAX_FILES)
      return err(capsuleError('FFS_COUNT', `more than ${MAX_FILES} files`, range.offset + at));
    files.push(file.value);
    at = Math.min(alignUp(at + file.value.size), range.length);
  }
  return ok({ header, files, usedBytes: at });
}

/** A volume has a file for each partition that it updates; more would only fill memory. */
const MAX_FILES = 1024;

const alignUp = (at: number): number => Math.ceil(at / FILE_ALIGNMENT_BYTES) * FILE_ALIGNMENT_BYTES;

interface FilePlace {
  readonly volume: ByteRange;
  /** From the start of the volume. */
  readonly at: number;
  readonly sums: BlockSums;
}

/** The file at `at`, or 'end' where only erased bytes follow. */
function* readFile({ volume, at, sums }: FilePlace): Reading<Result<VolumeFileInfo | 'end', CapsuleError>> {
  const left = volume.length - at;
  const offset = volume.offset + at;
  const bytes = yield* readRange(offset, Math.min(left, largeFileHeader.sizeBytes));
  if (bytes.subarray(0, fileHeader.sizeBytes).every(byte => byte === ERASED)) return ok('end');
  const header = fileHeader.read(bytes);
  if (header === undefined) return err(capsuleError('FFS_SIZE', `${left} bytes left`, offset));
  const large = (header.attributes & FILE_ATTRIBUTES.large) !== 0;
  const extended = large ? largeFileHeader.read(bytes) : undefined;
  if (large && extended === undefined) return err(capsuleError('FFS_SIZE', `${left} bytes left`, offset));
  const headerSize = large ? largeFileHeader.sizeBytes : fileHeader.sizeBytes;
  const size = extended === undefined ? header.size : Number(extended.extendedSize);
  const broken = firstBroken(FILE_RULES, { ...header, headerSize, bytes, sizeBytes: size, left }, offset);
  if (broken !== undefined) return err(broken);
  const data = { offset: offset + headerSize, length: size - headerSize };
  const wrong = yield* dataProblem(header, data, sums);
  if (wrong !== undefined) return err(wrong);
  const { name, type, attributes, headerChecksum, fileChecksum, state } = header;
  return ok({
    offset: at,
    guid: name,
    type,
    attributes,
    headerChecksum,
    fileChecksum,
    state,
    headerSize,
    size,
    data,
  });
}

interface FileFacts extends FileHeader {
  readonly headerSize: number;
  readonly bytes: Uint8Array;
  readonly sizeBytes: number;
  readonly left: number;
}

const FILE_RULES: readonly Rule<FileFacts>[] = [
  ['FFS_HDR_CHECKSUM', f => headerSum(f) === 0, f => f.name],
  [
    'FFS_SIZE',
    f => f.sizeBytes >= f.headerSize && f.sizeBytes <= f.left,
    f => `${f.sizeBytes} of ${f.left} bytes left`,
  ],
  ['FFS_TYPE', f => f.type === fileHeader.constants.type, f => `type ${f.type}`],
];

/** Sum of the header with file checksum and state counted as 0. */
const headerSum = (f: FileFacts): number => (sum8(f.bytes.subarray(0, f.headerSize)) - f.fileChecksum - f.state) & 0xff;

function* dataProblem(header: FileHeader, data: ByteRange, sums: BlockSums): Reading<CapsuleError | undefined> {
  const summed = (header.attributes & FILE_ATTRIBUTES.checksum) !== 0;
  const wanted = summed ? negated8(yield* sums.sumOf(data)) : FIXED_CHECKSUM;
  return header.fileChecksum === wanted ? undefined : capsuleError('FFS_DATA_CHECKSUM', header.name, data.offset);
}

/** What stands in for a checksum in a file without one (FFS_FIXED_CHECKSUM). */
const FIXED_CHECKSUM = 0xaa;
