// Adapter: one ESRT entry as the kernel shows it, and the entries beside it.
// Touches: entryN/{fw_class,fw_version,lowest_supported_fw_version,capsule_flags} below the directory of the entry.

import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { EsrtTarget } from '@seatrial/capsule-plan/capsule';
import { firmwareVersion, type Guid, parseGuid } from '@seatrial/spec';
import { CapsuleFailure } from './failure.ts';

export interface EsrtTable {
  readonly entry: EsrtTarget;
  /** A dependency expression may name them. */
  readonly others: readonly EsrtTarget[];
}

/** `directory`: one of /sys/firmware/efi/esrt/entries. Fails with INPUT_UNREADABLE, also where a number is none. */
export async function readEsrtTable(directory: string): Promise<EsrtTable> {
  const entry = await readEntry(directory);
  const others: EsrtTarget[] = [];
  for (const sibling of await siblingsOf(directory)) others.push(await readEntry(sibling));
  return { entry, others };
}

async function siblingsOf(directory: string): Promise<readonly string[]> {
  if (!isEntry(basename(directory))) return [];
  const names = await readdir(dirname(directory));
  return names
    .filter(name => isEntry(name) && name !== basename(directory))
    .map(name => join(dirname(directory), name));
}

const isEntry = (name: string): boolean => /^entry\d+$/.test(name);

async function readEntry(directory: string): Promise<EsrtTarget> {
  const [fwClass, fwVersion, lowest, capsuleFlags] = [
    await readMember(directory, 'fw_class', parseGuid),
    await readMember(directory, 'fw_version', parseU32),
    await readMember(directory, 'lowest_supported_fw_version', parseU32),
    await readMember(directory, 'capsule_flags', parseU32),
  ] satisfies readonly [Guid, number, number, number];
  return {
    fwClass,
    fwVersion: firmwareVersion(fwVersion),
    lowestSupportedFwVersion: firmwareVersion(lowest),
    capsuleFlags,
  };
}

/** A member that can not be read must never pass for a floor of 0. */
async function readMember<T>(directory: string, name: string, parse: (text: string) => T | undefined): Promise<T> {
  const path = join(directory, name);
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new CapsuleFailure('INPUT_UNREADABLE', `(${path})`, { cause });
  });
  const value = parse(text.trim());
  if (value === undefined) throw new CapsuleFailure('INPUT_UNREADABLE', `(${path}: ${JSON.stringify(text.trim())})`);
  return value;
}

/** The kernel prints versions in decimal and flags in hex. */
function parseU32(text: string): number | undefined {
  const value = /^(?:\d{1,10}|0x[0-9a-f]{1,8})$/i.test(text) ? Number(text) : Number.NaN;
  return value <= 0xffff_ffff ? value : undefined;
}
