// The images of a firmware: found where FvUpdate.xml and the user say, summed, and laid out as a firmware volume.

import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import {
  type FvUpdateImage,
  type MetadataRevision,
  makeVolume,
  type Segment,
  type SystemFirmwareVersion,
} from '@seatrial/capsule-plan/capsule';
import type { Guid } from '@seatrial/spec';
import type { Progress } from '../output/progress.ts';
import { CapsuleFailure, take } from './failure.ts';
import { SourceFile } from './source-file.ts';
import { type FilePart, sumOf } from './write-capsule.ts';

/** An image with the file that it was found in. */
export interface FoundImage extends FvUpdateImage {
  readonly path: string;
  readonly fileGuid?: Guid | undefined;
}

const isFile = async (path: string): Promise<boolean> => {
  try {
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
};

/** Looks into `InputPath` below `cwd` first, then into each directory. Fails with IMAGE_MISSING, naming every missing image. */
export async function findImages(
  images: readonly FvUpdateImage[],
  cwd: string,
  directories: readonly string[],
): Promise<readonly FoundImage[]> {
  const found = await Promise.all(images.map(image => findImage(image, cwd, directories)));
  const missing = images.filter((_, n) => found[n] === undefined).map(({ inputBinary }) => inputBinary);
  if (missing.length > 0) throw new CapsuleFailure('IMAGE_MISSING', `(${missing.join(', ')})`);
  return found.filter(image => image !== undefined);
}

/** The same for images whose files are already named. Fails with IMAGE_MISSING. */
export async function demandImages(images: readonly FoundImage[]): Promise<void> {
  const there = await Promise.all(images.map(({ path }) => isFile(path)));
  const missing = images.filter((_, n) => there[n] !== true).map(({ path }) => path);
  if (missing.length > 0) throw new CapsuleFailure('IMAGE_MISSING', `(${missing.join(', ')})`);
}

async function findImage(
  image: FvUpdateImage,
  cwd: string,
  directories: readonly string[],
): Promise<FoundImage | undefined> {
  const places = [resolve(cwd, image.inputPath), ...directories].map(place => resolve(place, image.inputBinary));
  for (const path of places) if (await isFile(path)) return { ...image, path };
  return undefined;
}

export interface LaidOutVolume {
  readonly segments: readonly Segment<FilePart>[];
  readonly files: readonly SourceFile[];
}

export interface VolumeOrder {
  readonly version: SystemFirmwareVersion;
  readonly revision: MetadataRevision;
}

/** Opens and sums every image and lays the volume out. The caller closes the files. Fails as makeVolume does. */
export async function layOutImages(
  images: readonly FoundImage[],
  order: VolumeOrder,
  start: (totalBytes: number) => Progress,
): Promise<LaidOutVolume> {
  const files: SourceFile[] = [];
  try {
    for (const { path } of images) files.push(await SourceFile.open(path));
    const progress = start(files.reduce((sum, file) => sum + file.sizeBytes, 0));
    const volumeImages = [];
    for (const [n, image] of images.entries()) {
      const file = files[n];
      if (file === undefined) continue;
      const source = { file, offset: 0 };
      const dataSum8 = await sumOf(source, file.sizeBytes, bytes => progress.advance(bytes));
      volumeImages.push({ ...image, dataSum8, data: { kind: 'source' as const, source, length: file.sizeBytes } });
    }
    progress.end();
    return { segments: take(makeVolume({ ...order.version, revision: order.revision, images: volumeImages })), files };
  } catch (error) {
    await closeAll(files);
    throw error;
  }
}

export const closeAll = async (files: readonly SourceFile[]): Promise<void> => {
  for (const file of files) await file.close();
};
