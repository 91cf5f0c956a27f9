// What a firmware volume must mean once its bytes are right: versions agree, every file has its place, nothing twice.

import { firmwareVersion, formatFirmwareVersion } from '@seatrial/spec';
import { disksFitTogether } from './disk-types.ts';
import { type CapsuleError, capsuleError } from './errors.ts';
import { repeated } from './make-volume.ts';
import type { Metadata } from './metadata.ts';
import type { PayloadHeader } from './payload-header.ts';
import type { Volume } from './read-volume.ts';
import { firstBroken, type Rule } from './rules.ts';
import { EC_FILE_GUID, METADATA_FILE_GUID, type PartitionPath } from './volume-layouts.ts';

type Versions = Pick<PayloadHeader, 'fwVersion' | 'lowestSupportedVersion'>;

interface Facts {
  readonly header: Versions;
  readonly metadata: Metadata;
  /** GUIDs of the files beside the metadata. */
  readonly files: readonly string[];
}

const key = (path: PartitionPath): string => `${path.diskType}/${path.partitionName}/${path.partitionTypeGuid}`;
const named = (f: Facts): readonly string[] => f.metadata.entries.map(entry => entry.fileGuid);
const dotted = (u32: number): string => formatFirmwareVersion(firmwareVersion(u32));
const dangling = (f: Facts): string | undefined => named(f).find(guid => !f.files.includes(guid));
const unreferenced = (f: Facts): string | undefined => f.files.find(guid => !named(f).includes(guid));
const ownBackup = (f: Facts): string | undefined =>
  f.metadata.entries.map(({ dest, backup }) => [key(dest), key(backup)]).find(([dest, backup]) => dest === backup)?.[0];

const RULES: readonly Rule<Facts>[] = [
  [
    'VERSION_MISMATCH',
    f =>
      f.header.fwVersion === f.metadata.header.firmwareVersion &&
      f.header.lowestSupportedVersion === f.metadata.header.lowestSupportedVersion,
    f => `payload ${dotted(f.header.fwVersion)}, metadata ${dotted(f.metadata.header.firmwareVersion)}`,
  ],
  [
    'LOW_ABOVE_FW',
    f => f.header.lowestSupportedVersion <= f.header.fwVersion,
    f => `${dotted(f.header.lowestSupportedVersion)} above ${dotted(f.header.fwVersion)}`,
  ],
  ['META_DANGLING', f => dangling(f) === undefined, f => `${dangling(f)}`],
  ['FFS_DUPLICATE', f => repeated(f.files) === undefined, f => `${repeated(f.files)}`],
  ['META_DUPLICATE', f => repeated(named(f)) === undefined, f => `${repeated(named(f))}`],
  ['FFS_UNREFERENCED', f => unreferenced(f) === undefined, f => `${unreferenced(f)}`],
  [
    'DISK_TYPE',
    f => disksFitTogether(f.metadata.entries.flatMap(({ dest, backup }) => [dest.diskType, backup.diskType])),
    () => 'no flash type has all of these disks',
  ],
  [
    'DUP_DEST',
    f => repeated(f.metadata.entries.map(({ dest }) => key(dest))) === undefined,
    f => `${repeated(f.metadata.entries.map(({ dest }) => key(dest)))}`,
  ],
  ['DEST_IS_BACKUP', f => ownBackup(f) === undefined, f => `${ownBackup(f)}`],
  ['META_NO_ENTRIES', f => f.metadata.entries.length > 0, () => 'nothing to update'],
];

/** Where the metadata stands, or why there is none. An embedded controller's volume has one file and no metadata. */
export function findMetadata(volume: Volume): Volume['files'][number] | 'embedded-controller' | CapsuleError {
  const [file, second] = volume.files.filter(({ guid }) => guid === METADATA_FILE_GUID);
  if (second !== undefined) return capsuleError('META_DUPLICATE', 'two metadata files', second.data.offset);
  if (file !== undefined) return file;
  const [only, ...others] = volume.files;
  return only?.guid === EC_FILE_GUID && others.length === 0
    ? 'embedded-controller'
    : capsuleError('FV_NO_METADATA', `${volume.files.length} files`);
}

/** The first thing that does not hold. Codes of layer semantic. */
export const semanticProblem = (header: Versions, volume: Volume, metadata: Metadata): CapsuleError | undefined =>
  firstBroken(RULES, {
    header,
    metadata,
    files: volume.files.map(({ guid }) => guid).filter(guid => guid !== METADATA_FILE_GUID),
  });
