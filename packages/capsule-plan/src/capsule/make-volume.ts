// Puts images and their destinations together into a firmware volume, after every check that the reference tool leaves out.

import { createHash } from 'node:crypto';
import { err, type FirmwareVersion, formatFirmwareVersion, type Guid, ok, type Result } from '@seatrial/spec';
import { guidFromBytes } from '../bytes/guid.ts';
import { layOutVolume, volumeFileOf } from './build-volume.ts';
import { disksFitTogether, diskTypeCode } from './disk-types.ts';
import { type CapsuleError, capsuleError } from './errors.ts';
import { type ImageDetails, type MetadataRevision, type Partition, writeMetadata } from './metadata.ts';
import { literal, type Segment } from './segments.ts';
import { EC_FILE_GUID, METADATA_FILE_GUID } from './volume-layouts.ts';

/** An image to be written to `dest` while the old one is kept in `backup`. */
export interface VolumeImage<S> {
  readonly data: Segment<S>;
  /** 8-bit sum of the image (see sum8). */
  readonly dataSum8: number;
  readonly dest: Partition;
  readonly backup: Partition;
  /** Derived from destination and version unless given, so that equal inputs give equal bytes. */
  readonly fileGuid?: Guid | undefined;
  readonly details?: ImageDetails | undefined;
}

export interface VolumeInput<S> {
  readonly revision: MetadataRevision;
  readonly fwVersion: FirmwareVersion;
  readonly lowestSupportedFwVersion: FirmwareVersion;
  readonly images: readonly VolumeImage<S>[];
}

/** A system firmware volume. Fails with LOW_ABOVE_FW, DUP_DEST, DEST_IS_BACKUP, DISK_TYPE, FFS_DUPLICATE or META_NO_ENTRIES. */
export function makeVolume<S>(input: VolumeInput<S>): Result<readonly Segment<S>[], CapsuleError> {
  const images = input.images.map(image => ({ ...image, guid: image.fileGuid ?? derivedGuid(image, input.fwVersion) }));
  const problem = volumeProblem(
    input,
    images.map(({ guid }) => guid),
  );
  if (problem !== undefined) return err(problem);
  const metadata = writeMetadata({
    ...input,
    entries: images.map(({ guid, dest, backup, details }) => ({ fileGuid: guid, dest, backup, details })),
  });
  return ok(layOutVolume([...images, volumeFileOf(METADATA_FILE_GUID, metadata)]));
}

/** A volume for an embedded controller: its image alone, without metadata. */
export const makeEcVolume = <S>(data: Segment<S>, dataSum8: number): readonly Segment<S>[] =>
  layOutVolume([{ guid: EC_FILE_GUID, data, dataSum8 }]);

/** The same for an image in memory. */
export const makeEcVolumeOf = (image: Uint8Array): readonly Segment<Uint8Array>[] =>
  layOutVolume([{ ...volumeFileOf(EC_FILE_GUID, image), data: literal(image) }]);

/** Disk, type and name together say which partition is meant. */
export const partitionKey = (partition: Partition): string =>
  `${partition.diskType}/${partition.partitionName}/${partition.partitionTypeGuid}`;

function volumeProblem<S>(input: VolumeInput<S>, guids: readonly Guid[]): CapsuleError | undefined {
  if (input.images.length === 0) return capsuleError('META_NO_ENTRIES', 'no image is to be updated');
  if (input.lowestSupportedFwVersion > input.fwVersion)
    return capsuleError(
      'LOW_ABOVE_FW',
      `${formatFirmwareVersion(input.lowestSupportedFwVersion)} above ${formatFirmwareVersion(input.fwVersion)}`,
    );
  const dests = input.images.map(({ dest }) => partitionKey(dest));
  const twice = repeated(dests);
  if (twice !== undefined) return capsuleError('DUP_DEST', twice);
  const own = input.images.find(({ dest, backup }) => partitionKey(dest) === partitionKey(backup));
  if (own !== undefined) return capsuleError('DEST_IS_BACKUP', partitionKey(own.dest));
  const disks = input.images
    .flatMap(({ dest, backup }) => [dest, backup])
    .map(({ diskType }) => diskTypeCode(diskType));
  if (!disksFitTogether(disks)) return capsuleError('DISK_TYPE', 'no flash type has all of these disks');
  const guid = repeated([...guids, METADATA_FILE_GUID]);
  return guid === undefined ? undefined : capsuleError('FFS_DUPLICATE', guid);
}

export const repeated = (values: readonly string[]): string | undefined =>
  values.find((value, at) => values.indexOf(value) !== at);

/** A version 4 UUID in form, but of a digest: unique per destination, and the same in every build of a version. */
function derivedGuid<S>(image: VolumeImage<S>, version: FirmwareVersion): Guid {
  const bytes = createHash('sha256')
    .update(`${partitionKey(image.dest)}@${version}`)
    .digest()
    .subarray(0, 16);
  bytes[7] = 0x40 | ((bytes[7] ?? 0) & 0x0f);
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
  return guidFromBytes(bytes);
}
