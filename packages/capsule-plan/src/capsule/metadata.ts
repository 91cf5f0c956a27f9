// The metadata file of a firmware volume: which file goes to which partition, in revision 3 and 5.

import { err, type FirmwareVersion, type Guid, ok, type Result } from '@seatrial/spec';
import type { LayoutValues } from '../bytes/layout.ts';
import { concatBytes } from '../bytes/writer.ts';
import { type DiskType, diskTypeCode } from './disk-types.ts';
import { type CapsuleError, capsuleError } from './errors.ts';
import { firstBroken, type Rule } from './rules.ts';
import {
  IMAGE_SLOTS,
  type MetadataEntry,
  type MetadataEntry5,
  metadataEntry3,
  metadataEntry5,
  metadataHeader,
  type PartitionPath,
} from './volume-layouts.ts';

export type MetadataRevision = 3 | 5;

/** A partition as FvUpdate.xml names it. */
export interface Partition {
  readonly diskType: DiskType;
  readonly partitionName: string;
  readonly partitionTypeGuid: Guid;
}

/** What only revision 5 says about an image. */
export interface ImageDetails {
  readonly matchIdentifier: string | undefined;
  readonly binaryType: 'RAW' | 'FATFS';
  readonly images: readonly { readonly fileName: string; readonly arValidationType: string }[];
}

/** One image to be written: the FFS file that holds it, where it goes, and where the old one is kept. */
export interface UpdateEntry {
  readonly fileGuid: Guid;
  readonly dest: Partition;
  readonly backup: Partition;
  /** Left out in revision 3. */
  readonly details?: ImageDetails | undefined;
}

export interface MetadataInput {
  readonly revision: MetadataRevision;
  readonly fwVersion: FirmwareVersion;
  readonly lowestSupportedFwVersion: FirmwareVersion;
  readonly entries: readonly UpdateEntry[];
}

/** The bytes of the metadata file. */
export function writeMetadata(input: MetadataInput): Uint8Array {
  const header = metadataHeader.write({
    revision: input.revision,
    firmwareVersion: input.fwVersion,
    lowestSupportedVersion: input.lowestSupportedFwVersion,
    entryCount: input.entries.length,
  });
  const entryRevision = input.entries.some(({ details }) => details?.matchIdentifier !== undefined) ? 1 : 0;
  const entries = input.entries.map(entry =>
    input.revision === 3 ? metadataEntry3.write(commonFields(entry)) : writeEntry5(entry, entryRevision),
  );
  return concatBytes([header, ...entries]);
}

const pathOf = (partition: Partition): PartitionPath => ({
  diskType: diskTypeCode(partition.diskType),
  partitionName: partition.partitionName,
  partitionTypeGuid: partition.partitionTypeGuid,
  fileName: '',
});

const commonFields = ({ fileGuid, dest, backup }: UpdateEntry) => ({
  fileGuid,
  dest: pathOf(dest),
  backup: pathOf(backup),
});

const BINARY_TYPES = { RAW: 0, FATFS: 1 } as const satisfies Record<ImageDetails['binaryType'], number>;
const NO_SLOT = { fileName: '', arValidationType: '' };

function writeEntry5(entry: UpdateEntry, entryRevision: number): Uint8Array {
  const images = entry.details?.images ?? [];
  return metadataEntry5.write({
    ...commonFields(entry),
    entryRevision,
    matchIdentifier: entry.details?.matchIdentifier ?? '',
    binaryType: BINARY_TYPES[entry.details?.binaryType ?? 'RAW'],
    images: Array.from({ length: IMAGE_SLOTS }, (_, slot) => images[slot] ?? NO_SLOT),
    imageCount: images.length,
  });
}

/** The file as it stands; entries of revision 5 carry all their fields. */
export interface Metadata {
  readonly header: LayoutValues<typeof metadataHeader>;
  readonly entryBytes: number;
  readonly entries: readonly (MetadataEntry | MetadataEntry5)[];
}

interface HeaderFacts extends LayoutValues<typeof metadataHeader> {
  readonly fileBytes: number;
}

/** A volume never describes more than a disk has partitions; a larger file is not read into memory. */
export const MAX_METADATA_BYTES = 1024 * 1024;

const entryLayout = (revision: number) => (revision === 5 ? metadataEntry5 : metadataEntry3);
const { signature1, signature2, size } = metadataHeader.constants;

const HEADER_RULES: readonly Rule<HeaderFacts>[] = [
  ['META_SIGNATURE', f => f.signature1 === signature1 && f.signature2 === signature2, () => 'wrong signatures'],
  ['META_REVISION', f => f.revision === 3 || f.revision === 5, f => `revision ${f.revision}`],
  ['META_SIZE', f => f.size === size, f => `size ${f.size}`],
  [
    'META_COUNT',
    f => metadataHeader.sizeBytes + f.entryCount * entryLayout(f.revision).sizeBytes === f.fileBytes,
    f => `${f.entryCount} entries in ${f.fileBytes} bytes`,
  ],
];

/** Reads the metadata file. Fails with a code of layer meta. */
export function readMetadata(bytes: Uint8Array): Result<Metadata, CapsuleError> {
  const header = metadataHeader.read(bytes);
  if (header === undefined) return err(capsuleError('META_TRUNCATED', `${bytes.length} bytes`));
  const broken = firstBroken(HEADER_RULES, { ...header, fileBytes: bytes.length });
  if (broken !== undefined) return err(broken);
  const entryBytes = entryLayout(header.revision).sizeBytes;
  const entries: (MetadataEntry | MetadataEntry5)[] = [];
  for (let at = metadataHeader.sizeBytes; at < bytes.length; at += entryBytes) {
    const entry = readEntry(bytes, at, header.revision);
    if (entry === undefined) return err(capsuleError('META_ENTRY', `entry ${entries.length}`));
    entries.push(entry);
  }
  return ok({ header, entryBytes, entries });
}

/** An entry whose operation and types are the only ones that an update has. */
function readEntry(bytes: Uint8Array, at: number, revision: number): MetadataEntry | MetadataEntry5 | undefined {
  if (revision === 3) {
    const entry = metadataEntry3.read(bytes, at);
    return entry !== undefined && metadataEntry3.hasConstants(entry) ? entry : undefined;
  }
  const entry = metadataEntry5.read(bytes, at);
  return entry !== undefined && metadataEntry5.hasConstants(entry) ? entry : undefined;
}
