// Where the images of a firmware go: the partitions of a known target, or of a partition table that the user names.

import { resolve } from 'node:path';
import {
  detectStorage,
  type FlashType,
  type PartitionPair,
  pairsOfTarget,
  readPartitionTable,
} from '@seatrial/capsule-plan/capsule';
import type { Cli } from '../cli.ts';
import { CapsuleFailure, take } from './failure.ts';
import { readSmallFile } from './source-file.ts';

interface TableSource {
  readonly target?: string | undefined;
  readonly storage?: FlashType | undefined;
  /** A partitions.conf. */
  readonly table?: string | undefined;
}

/** The pairs of a target, or of a partition table. Fails with a code of layer partition. */
export async function pairsFor(
  cli: Pick<Cli, 'cwd'>,
  { target, storage, table }: TableSource,
): Promise<{ readonly storage: FlashType; readonly pairs: readonly PartitionPair[] }> {
  if (table !== undefined) {
    const text = (await readSmallFile(resolve(cli.cwd, table))).toString('utf8');
    const chosen = storage ?? take(detectStorage(text), table);
    return { storage: chosen, pairs: take(readPartitionTable(text, chosen), table) };
  }
  if (target === undefined) throw new CapsuleFailure('TARGET_UNKNOWN', '(give --target or --table)');
  if (storage === undefined) throw new CapsuleFailure('STORAGE_UNKNOWN', '(give --storage)');
  const pairs = take(pairsOfTarget(target, storage));
  if (pairs.length === 0) throw new CapsuleFailure('PARTITION_PAIRS', `(${target} on ${storage})`);
  return { storage, pairs };
}
