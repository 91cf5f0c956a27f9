// FvUpdate.xml as values: what is to be written where, and the text that update-fv-xml would write.

import { err, ok, type Result } from '@seatrial/spec';
import { looseGuid } from '../bytes/guid.ts';
import type { FlashType } from './disk-types.ts';
import { type CapsuleError, capsuleError } from './errors.ts';
import type { ImageDetails, Partition } from './metadata.ts';
import type { PartitionPair, PartitionText } from './targets.ts';

export type FvOperation = 'IGNORE' | 'UPDATE';

export interface FvEntry extends PartitionPair {
  /** Where the image is looked for first, relative to the working directory. */
  readonly inputPath: string;
  readonly operation: FvOperation;
  /** Read always, used only for metadata revision 5. */
  readonly details?: ImageDetails | undefined;
}

export interface FvUpdate {
  readonly flashType: FlashType;
  readonly entries: readonly FvEntry[];
}

const INPUT_PATH = 'Images';

/** Every pair of a table as an entry; those whose image is in `update` are updated, the rest ignored. */
export const fvUpdateOf = (
  flashType: FlashType,
  pairs: readonly PartitionPair[],
  update: ReadonlySet<string> = new Set(),
): FvUpdate => ({
  flashType,
  entries: pairs.map(pair => ({
    ...pair,
    inputPath: INPUT_PATH,
    operation: update.has(pair.inputBinary) ? 'UPDATE' : 'IGNORE',
  })),
});

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

type Content = string | readonly string[];

/** An element in lines of two blanks per level. */
const element = (name: string, content: Content): readonly string[] =>
  typeof content === 'string'
    ? [`<${name}>${escaped(content)}</${name}>`]
    : [`<${name}>`, ...content.map(line => `  ${line}`), `</${name}>`];

const partitionElement = (name: string, value: PartitionText): readonly string[] =>
  element(name, [
    ...element('DiskType', value.diskType),
    ...element('PartitionName', value.partitionName),
    ...element('PartitionTypeGUID', value.partitionTypeGuid),
  ]);

const entry = (value: FvEntry): readonly string[] =>
  element('FwEntry', [
    ...element('InputBinary', value.inputBinary),
    ...element('InputPath', value.inputPath),
    ...element('Operation', value.operation),
    ...element('UpdateType', 'UPDATE_PARTITION'),
    ...element('BackupType', 'BACKUP_PARTITION'),
    ...partitionElement('Dest', value.dest),
    ...partitionElement('Backup', value.backup),
  ]);

/** The file's text: UTF-8, line feeds, no comments. */
export function writeFvUpdate({ flashType, entries }: FvUpdate): string {
  const metadata = element('Metadata', [...element('BreakingChangeNumber', '0'), ...element('FlashType', flashType)]);
  const lines = element('FVItems', [...metadata, ...entries.flatMap(entry)]);
  return `<?xml version="1.0" encoding="utf-8"?>\n${lines.join('\n')}\n`;
}

/** An image to be written, with its partitions resolved. */
export interface FvUpdateImage {
  readonly inputBinary: string;
  readonly inputPath: string;
  readonly dest: Partition;
  readonly backup: Partition;
  readonly details: ImageDetails | undefined;
}

/** The entries that are to be updated, in the order of the document. Fails with XML_VALUE where a GUID is none. */
export function imagesToUpdate({ entries }: FvUpdate): Result<readonly FvUpdateImage[], CapsuleError> {
  const images: FvUpdateImage[] = [];
  for (const { operation, dest, backup, inputBinary, inputPath, details } of entries) {
    if (operation === 'IGNORE') continue;
    const [destPartition, backupPartition] = [resolve(dest), resolve(backup)];
    if (destPartition === undefined || backupPartition === undefined)
      return err(capsuleError('XML_VALUE', `PartitionTypeGUID of ${dest.partitionName}`));
    images.push({ inputBinary, inputPath, dest: destPartition, backup: backupPartition, details });
  }
  return ok(images);
}

function resolve(partition: PartitionText): Partition | undefined {
  const guid = looseGuid(partition.partitionTypeGuid);
  return guid === undefined ? undefined : { ...partition, partitionTypeGuid: guid };
}
