// `fv-xml` and `fv-create`: FvUpdate.xml out of a target's partitions, and the firmware volume out of FvUpdate.xml.

import { resolve } from 'node:path';
import {
  type FlashType,
  fvUpdateOf,
  imagesToUpdate,
  literal,
  type MetadataRevision,
  makeEcVolume,
  readFvUpdate,
  readVersionFile,
  type Segment,
  TARGETS,
  totalBytes,
  writeFvUpdate,
} from '@seatrial/capsule-plan/capsule';
import { formatFirmwareVersion, parseGuid } from '@seatrial/spec';
import type { Cli } from '../cli.ts';
import { type Format, printJson } from '../output/format.ts';
import { renderTable } from '../output/table.ts';
import { CapsuleFailure, take } from './failure.ts';
import { closeAll, findImages, layOutImages } from './firmware-images.ts';
import { writeBytes, writeWhole } from './output-file.ts';
import { pairsFor } from './partition-pairs.ts';
import { readSmallFile, SourceFile } from './source-file.ts';
import { startWork } from './stoppable-work.ts';
import { type FilePart, sourceBytes, sumOf, writeSegments } from './write-capsule.ts';

export interface FvXmlOptions {
  readonly target?: string;
  readonly storage?: FlashType;
  readonly table?: string;
  readonly update: readonly string[];
  readonly out: string;
  readonly output: Format;
}

export async function runFvXml(cli: Cli, options: FvXmlOptions): Promise<void> {
  const { storage, pairs } = await pairsFor(cli, options);
  const unknown = options.update.filter(name => !pairs.some(({ inputBinary }) => inputBinary === name));
  if (unknown.length > 0) throw new CapsuleFailure('PARTITION_MISSING', `(${unknown.join(', ')})`);
  await writeBytes(resolve(cli.cwd, options.out), writeFvUpdate(fvUpdateOf(storage, pairs, new Set(options.update))));
  const shown = { file: options.out, storage, entries: pairs.length, update: options.update };
  if (options.output === 'json') printJson(cli, shown);
  else cli.out.write(`${shown.file}: ${pairs.length} entries for ${storage}, ${options.update.length} to update\n`);
}

/** What can be built for. */
export function listTargets(cli: Cli, output: Format): void {
  const targets = TARGETS.map(({ name, esrtGuid, storages }) => ({
    target: name,
    storages: Object.entries(storages).flatMap(([storage, pairs]) => (pairs.length > 0 ? [storage] : [])),
    fwClass: esrtGuid,
  }));
  if (output === 'json') {
    printJson(cli, { targets });
    return;
  }
  const columns = [
    { title: 'TARGET', value: (row: (typeof targets)[number]) => row.target },
    { title: 'STORAGES', value: (row: (typeof targets)[number]) => row.storages.join(' ') || undefined },
    { title: 'FWCLASS', value: (row: (typeof targets)[number]) => row.fwClass },
  ];
  cli.out.write(renderTable(cli.out, columns, targets));
}

export interface FvCreateOptions {
  readonly out: string;
  readonly revision: MetadataRevision;
  readonly fileGuid: readonly string[];
  readonly output: Format;
}

export interface FvCreateInputs {
  readonly xml: string;
  readonly version: string;
  readonly directories: readonly string[];
}

export async function runFvCreate(cli: Cli, inputs: FvCreateInputs, options: FvCreateOptions): Promise<void> {
  const version = take(readVersionFile(await readSmallFile(resolve(cli.cwd, inputs.version))), inputs.version);
  const update = take(readFvUpdate(await readSmallFile(resolve(cli.cwd, inputs.xml))), inputs.xml);
  const directories = inputs.directories.map(directory => resolve(cli.cwd, directory));
  const guids = options.fileGuid.map(demandGuid);
  const found = await findImages(take(imagesToUpdate(update), inputs.xml), cli.cwd, directories);
  const images = found.map((image, n) => ({ ...image, fileGuid: guids[n] }));
  const order = { version, revision: options.revision };
  const volume = await layOutImages(images, order, total => startWork(cli, 'Summing', total));
  try {
    await writeVolume(cli, options.out, volume.segments);
    for (const file of volume.files) await file.demandUnchanged();
  } finally {
    await closeAll(volume.files);
  }
  const shown = {
    file: options.out,
    sizeBytes: totalBytes(volume.segments),
    version: formatFirmwareVersion(version.fwVersion),
    images: images.map(({ inputBinary, dest }) => ({ image: inputBinary, partition: dest.partitionName })),
  };
  if (options.output === 'json') printJson(cli, shown);
  else cli.out.write(`${shown.file}: ${shown.sizeBytes} bytes, version ${shown.version}, ${images.length} images\n`);
}

const demandGuid = (text: string) => {
  const guid = parseGuid(text);
  if (guid === undefined) throw new CapsuleFailure('CONFIG_VALUE', `(${text} is not a GUID)`);
  return guid;
};

async function writeVolume(cli: Cli, out: string, segments: readonly Segment<FilePart>[]): Promise<void> {
  const progress = startWork(cli, 'Writing', sourceBytes(segments));
  try {
    await writeWhole(resolve(cli.cwd, out), file =>
      writeSegments(file, segments, (segment, chunk) => {
        if (segment.kind === 'source') progress.advance(chunk.length);
      }),
    );
  } finally {
    progress.end();
  }
}

/** The volume of an embedded controller: its image and nothing else. */
export async function runEcVolume(
  cli: Cli,
  image: string,
  options: Pick<FvCreateOptions, 'out' | 'output'>,
): Promise<void> {
  const file = await SourceFile.open(resolve(cli.cwd, image));
  try {
    const source = { file, offset: 0 };
    const sum = await sumOf(source, file.sizeBytes, () => undefined);
    const data =
      file.sizeBytes === 0 ? literal(new Uint8Array()) : { kind: 'source' as const, source, length: file.sizeBytes };
    const segments = makeEcVolume<FilePart>(data, sum);
    await writeVolume(cli, options.out, segments);
    await file.demandUnchanged();
    if (options.output === 'json') printJson(cli, { file: options.out, sizeBytes: totalBytes(segments) });
    else cli.out.write(`${options.out}: ${totalBytes(segments)} bytes\n`);
  } finally {
    await file.close();
  }
}
