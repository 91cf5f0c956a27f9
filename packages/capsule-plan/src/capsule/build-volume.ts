// Lays out a firmware volume: FFS files in order, the metadata file last, erased bytes to the end of the block.

import { type Guid, InvariantError } from '@seatrial/spec';
import { negated8, sum8, sum16 } from '../bytes/checksum.ts';
import { paddingTo } from '../bytes/writer.ts';
import { literal, type Segment, totalBytes } from './segments.ts';
import {
  ERASED,
  FFS2_GUID,
  FFS3_GUID,
  FILE_ALIGNMENT_BYTES,
  FILE_ATTRIBUTES,
  FV_BLOCK_BYTES,
  fileHeader,
  LARGE_FILE_BYTES,
  largeFileHeader,
  volumeHeader,
} from './volume-layouts.ts';

/** A file of the volume. `dataSum8` is the 8-bit sum of its data, which stands before the data and so must be known. */
export interface VolumeFile<S> {
  readonly guid: Guid;
  readonly data: Segment<S>;
  readonly dataSum8: number;
}

export const volumeFileOf = (guid: Guid, bytes: Uint8Array): VolumeFile<never> => ({
  guid,
  data: literal(bytes),
  dataSum8: sum8(bytes),
});

/** The whole volume as segments. Files keep their order. */
export function layOutVolume<S>(files: readonly VolumeFile<S>[]): readonly Segment<S>[] {
  const contents: Segment<S>[] = [];
  let length = volumeHeader.sizeBytes;
  const append = (segment: Segment<S>): void => {
    contents.push(segment);
    length += totalBytes([segment]);
  };
  for (const file of files) {
    append(literal(fileHeaderBytes(file)));
    append(file.data);
    append(erased(paddingTo(length, FILE_ALIGNMENT_BYTES)));
  }
  append(erased(paddingTo(length, FV_BLOCK_BYTES)));
  const large = files.some(file => isLarge(dataBytes(file)));
  return [literal(volumeHeaderBytes(length, large)), ...contents];
}

const dataBytes = <S>(file: VolumeFile<S>): number => totalBytes([file.data]);
const isLarge = (data: number): boolean => data + fileHeader.sizeBytes >= LARGE_FILE_BYTES;
const erased = (count: number): Segment<never> => literal(new Uint8Array(count).fill(ERASED));

/** The header whose own checksum is counted with both checksum and state zero (PI 1.8, volume 3, section 3.2.3.1). */
function fileHeaderBytes<S>(file: VolumeFile<S>): Uint8Array {
  const data = dataBytes(file);
  const large = isLarge(data);
  const layout = large ? largeFileHeader : fileHeader;
  const size = layout.sizeBytes + data;
  const fields = {
    name: file.guid,
    headerChecksum: 0,
    fileChecksum: 0,
    attributes: FILE_ATTRIBUTES.checksum + (large ? FILE_ATTRIBUTES.large : 0),
    size: large ? 0 : size,
    extendedSize: BigInt(size),
  };
  const headerChecksum = negated8(sum8(layout.write({ ...fields, state: 0 })));
  return layout.write({ ...fields, headerChecksum, fileChecksum: negated8(file.dataSum8) });
}

function volumeHeaderBytes(fvLength: number, large: boolean): Uint8Array {
  if (fvLength % FV_BLOCK_BYTES !== 0) throw new InvariantError(`a volume of ${fvLength} bytes`);
  const fields = {
    zeroVector: new Uint8Array(16),
    fileSystemGuid: large ? FFS3_GUID : FFS2_GUID,
    fvLength: BigInt(fvLength),
    numBlocks: fvLength / FV_BLOCK_BYTES,
    checksum: 0,
  };
  return volumeHeader.write({ ...fields, checksum: -sum16(volumeHeader.write(fields)) & 0xffff });
}
