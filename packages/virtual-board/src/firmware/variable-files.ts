// UEFI variables as files in a plain directory, in efivarfs's format. Touches root/sys/firmware/efi/efivars only.

import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  BOOTSERVICE_ACCESS,
  decodeEfiVariable,
  encodeEfiVariable,
  NON_VOLATILE,
  PERSISTENT_ATTRIBUTES,
  RUNTIME_ACCESS,
} from '@seatrial/capsule-plan';

/** What the firmware and the boot loader set anew at each power-on. */
export const VOLATILE_ATTRIBUTES = BOOTSERVICE_ACCESS | RUNTIME_ACCESS;

/** Undefined where the variable does not exist or its attributes are cut off. */
export function readVariable(path: string): Uint8Array | undefined {
  const file = readIfThere(path);
  const variable = file === undefined ? undefined : decodeEfiVariable(file);
  return variable?.ok === true ? variable.value.value : undefined;
}

export function writeVariable(path: string, value: Uint8Array, attributes: number = PERSISTENT_ATTRIBUTES): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, encodeEfiVariable({ attributes, value }));
}

export const deleteVariable = (path: string): void => rmSync(path, { force: true });

/** The power is gone: variables without NON_VOLATILE are too, and all of them where nothing keeps them. */
export function forgetVariables(directory: string, { keepPersistent }: { keepPersistent: boolean }): void {
  for (const name of listIfThere(directory)) {
    const path = join(directory, name);
    const decoded = decodeEfiVariable(readFileSync(path));
    const persistent = decoded.ok && (decoded.value.attributes & NON_VOLATILE) !== 0;
    if (!(persistent && keepPersistent)) rmSync(path, { force: true });
  }
}

const readIfThere = (path: string): Uint8Array | undefined => {
  try {
    return readFileSync(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
};

/** Names in a directory, sorted; none where there is no directory. */
export const listIfThere = (directory: string): readonly string[] => {
  try {
    return readdirSync(directory).toSorted();
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
};

/** Names of the plain files in a directory, sorted; none where there is no directory. */
export const listFiles = (directory: string): readonly string[] =>
  listIfThere(directory).filter(name => statSync(join(directory, name), { throwIfNoEntry: false })?.isFile() === true);

export const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
