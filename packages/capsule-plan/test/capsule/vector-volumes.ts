// Rebuilds the firmware volume of a vector from its inputs.

import { basename } from 'node:path';
import { concatBytes } from '../../src/bytes/writer.ts';
import { layOutVolume, volumeFileOf } from '../../src/capsule/build-volume.ts';
import { writeMetadata } from '../../src/capsule/metadata.ts';
import { METADATA_FILE_GUID } from '../../src/capsule/volume-layouts.ts';
import type { SystemFirmwareVersion } from '../../src/capsule.ts';
import {
  bytesOf,
  imagesToUpdate,
  literal,
  looseGuid,
  makeEcVolume,
  makeVolume,
  readFvUpdate,
  readVersionFile,
  sum8,
} from '../../src/capsule.ts';
import { file, imageByRecipe, isStored, type Vector, words } from './manifest.ts';
import { value } from './value.ts';

/** The image of the n-th file of the volume. */
function imageOf(vector: Vector, name: string, n: number): Buffer {
  const path = vector.images?.[name] ?? vector.files.find(candidate => basename(candidate) === name) ?? '';
  return isStored(path) ? file(path) : imageByRecipe(dataBytes(vector, n));
}

/** The size of an image that is not stored, as the manifest has it in the parsed volume. */
function dataBytes({ id, parsed }: Vector, n: number): number {
  const size = member(member(member(member(parsed, 'fv'), 'files'), n), 'dataSize');
  if (typeof size !== 'number') throw new Error(`${id}: neither image ${n} nor its size`);
  return size;
}

const member = (value: unknown, key: string | number): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;

/** The volume of a firmware-volume vector, built from its inputs. */
export function rebuiltVolume(vector: Vector): Uint8Array {
  if (words(vector).includes('EC_FW')) {
    const image = file(vector.files[0] ?? '');
    return concatBytes([...bytesOf(makeEcVolume(literal(image), sum8(image)))]);
  }
  const version = value(readVersionFile(file(vector.files[1] ?? '')));
  const images = value(imagesToUpdate(value(readFvUpdate(file(vector.files[0] ?? '')))));
  // The reference builds a volume of metadata alone where nothing is updated; ours does not, so that its parts are put together.
  if (images.length === 0) return metadataAlone(version);
  const segments = makeVolume({
    ...version,
    revision: words(vector).includes('--glymur') ? 5 : 3,
    images: images.map((image, n) => {
      const bytes = imageOf(vector, image.inputBinary, n);
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

const metadataAlone = (version: SystemFirmwareVersion): Uint8Array => {
  const metadata = writeMetadata({ ...version, revision: 3, entries: [] });
  return concatBytes([...bytesOf(layOutVolume([volumeFileOf(METADATA_FILE_GUID, metadata)]))]);
};
