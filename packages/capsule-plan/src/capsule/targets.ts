// The targets that the capsule tools know: their ESRT GUID and, by storage, which image goes to which pair of partitions.

import { err, type Guid, ok, type Result } from '@seatrial/spec';
import { knownGuid } from '../bytes/guid.ts';
import { type DiskType, type FlashType, parseDiskType } from './disk-types.ts';
import { type CapsuleError, capsuleError } from './errors.ts';
import { TARGET_TABLES } from './target-tables.ts';

export type TargetName = keyof typeof TARGET_TABLES;

/** A partition as a table or FvUpdate.xml writes it; the GUID keeps its letter case. */
export interface PartitionText {
  readonly diskType: DiskType;
  readonly partitionName: string;
  readonly partitionTypeGuid: string;
}

/** An image and the pair of partitions that it lives in. */
export interface PartitionPair {
  readonly inputBinary: string;
  readonly dest: PartitionText;
  readonly backup: PartitionText;
}

export interface Target {
  readonly name: TargetName;
  /** `fwClass` of the board's ESRT entry. */
  readonly esrtGuid: Guid;
  readonly storages: Readonly<Partial<Record<FlashType, readonly PartitionPair[]>>>;
}

const partition = (disk = '', name = '', guid = ''): PartitionText => ({
  diskType: parseDiskType(disk) ?? 'SPINOR',
  partitionName: name,
  partitionTypeGuid: guid,
});

const pairsOf = (table: string): readonly PartitionPair[] =>
  table
    .split('\n')
    .filter(line => line !== '')
    .map(line => {
      const [inputBinary = '', ...rest] = line.split(' ');
      return { inputBinary, dest: partition(...rest.slice(0, 3)), backup: partition(...rest.slice(3, 6)) };
    });

const targetOf = (name: TargetName): Target => {
  const { esrtGuid, storages } = TARGET_TABLES[name];
  const tables = Object.entries(storages).map(([storage, table]) => [storage, pairsOf(table)]);
  return { name, esrtGuid: knownGuid(esrtGuid), storages: Object.fromEntries(tables) };
};

// Object.keys forgets the key type that the table fixes.
export const TARGETS: readonly Target[] = (Object.keys(TARGET_TABLES) as TargetName[]).map(targetOf);

/** A target by its exact name; names are case-sensitive, as in the reference tool. */
export const findTarget = (name: string): Target | undefined => TARGETS.find(target => target.name === name);

/** The pairs of a target on a storage. Fails with TARGET_UNKNOWN or STORAGE_UNKNOWN. */
export function pairsOfTarget(name: string, storage: FlashType): Result<readonly PartitionPair[], CapsuleError> {
  const target = findTarget(name);
  if (target === undefined) return err(capsuleError('TARGET_UNKNOWN', JSON.stringify(name)));
  const pairs = target.storages[storage];
  return pairs === undefined ? err(capsuleError('STORAGE_UNKNOWN', `${name} on ${storage}`)) : ok(pairs);
}
