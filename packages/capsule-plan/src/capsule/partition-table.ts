// partitions.conf of qcom-ptool: which lines count, which partitions form a pair, and in which order, as update-fv-xml has it.

import { err, ok, type Result } from '@seatrial/spec';
import { type DiskType, type FlashType, parseDiskType } from './disk-types.ts';
import { type CapsuleError, capsuleError } from './errors.ts';
import type { PartitionPair } from './targets.ts';

interface Row {
  readonly name: string;
  readonly lun: number | undefined;
  readonly guid: string;
  readonly fileName: string;
}

/** Options in exactly this order; a line of another shape is not a partition to the reference tool. */
const LINE =
  /--partition(?: +--lun=(\d+))? +--name=([A-Za-z0-9_-]+) +--size=\d+KB +--type-guid=([A-Za-z0-9_-]+)(?: +--type=(?:ufs|emmc|spinor))?(?: +--filename=([A-Za-z0-9_.-]+))?/i;

const readRow = (line: string): Row | undefined => {
  const [, lun, name, guid, fileName] = LINE.exec(line) ?? [];
  if (name === undefined || guid === undefined || fileName === undefined) return undefined;
  return { name, guid, fileName, lun: lun === undefined ? undefined : Number(lun) };
};

const UPDATABLE_LUNS = [1, 2, 4];
const PREFERRED_LUN = 1;

/** One row per name: on UFS a row of LUN 1 wins, else the first; elsewhere the last one, at the place of the first. */
function rowsByName(rows: readonly Row[], storage: FlashType): ReadonlyMap<string, Row> {
  const byName = new Map<string, Row>();
  for (const row of rows) {
    if (storage === 'UFS') {
      if (row.lun === undefined || !UPDATABLE_LUNS.includes(row.lun)) continue;
      if (!byName.has(row.name) || row.lun === PREFERRED_LUN) byName.set(row.name, row);
    } else if (row.lun === undefined) byName.set(row.name, row);
  }
  return byName;
}

const diskOf = (row: Row, storage: FlashType): DiskType => {
  if (storage === 'EMMC') return 'EMMC_PARTITION_USER_DATA';
  return storage === 'UFS' ? (parseDiskType(`UFS_LUN${row.lun}`) ?? 'UFS_LUN0') : 'SPINOR';
};

const byCodePoint = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

/** The updatable pairs of a table, ordered by base name. Fails with PARTITION_PAIRS where it holds none. */
export function readPartitionTable(text: string, storage: FlashType): Result<readonly PartitionPair[], CapsuleError> {
  const rows = text.split(/\r?\n/).flatMap(line => readRow(line) ?? []);
  const byName = rowsByName(rows, storage);
  const pairs = [...byName.values()].flatMap(row => {
    const stem = row.name.replace(/_a$/, '');
    const slotA = stem !== row.name && byName.has(`${stem}_b`);
    const base = slotA ? stem : row.name;
    const backup = byName.get(slotA ? `${base}_b` : `${base}_BACKUP`);
    return backup === undefined ? [] : [{ base, pair: pairOf(row, backup, storage) }];
  });
  if (pairs.length === 0) return err(capsuleError('PARTITION_PAIRS', `no pair for ${storage}`));
  return ok(pairs.toSorted((a, b) => byCodePoint(a.base, b.base)).map(({ pair }) => pair));
}

const pairOf = (dest: Row, backup: Row, storage: FlashType): PartitionPair => ({
  inputBinary: dest.fileName,
  dest: partitionOf(dest, storage),
  backup: partitionOf(backup, storage),
});

const partitionOf = (row: Row, storage: FlashType) => ({
  diskType: diskOf(row, storage),
  partitionName: row.name,
  partitionTypeGuid: row.guid,
});

const DETECTED: Readonly<Record<string, FlashType | undefined>> = { ufs: 'UFS', emmc: 'EMMC' };

/**
 * The storage that a table is for, from its first `--type=`. Fails with STORAGE_UNDETECTED: without one, and for `spinor`,
 * where only the caller knows whether it goes with UFS or NVMe.
 */
export function detectStorage(text: string): Result<FlashType, CapsuleError> {
  const type = /--type=(ufs|emmc|spinor)/i.exec(text)?.[1]?.toLowerCase();
  const storage = DETECTED[type ?? ''];
  return storage === undefined
    ? err(capsuleError('STORAGE_UNDETECTED', type === undefined ? 'no --type' : 'spinor: say NORUFS or NORNVME'))
    : ok(storage);
}
