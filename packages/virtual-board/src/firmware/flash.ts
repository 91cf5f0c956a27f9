// The firmware's state on disk: flash.json for what only UEFI knows, efivars for what it shares, sysfs text for the ESRT.
// Reads and writes firmware/flash.json, root/sys/firmware/efi/{efivars,esrt} and <ESP>/EFI/UpdateCapsule.

import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  decodeOsIndications,
  decodeTrialBoot,
  type EsrtEntry,
  encodeOsIndications,
  encodeTrialBoot,
  FILE_CAPSULE_DELIVERY,
} from '@seatrial/capsule-plan';
import { firmwareVersion } from '@seatrial/spec';
import { type BoardPaths, globalVariablePath } from '../board-paths.ts';
import { VirtualBoardError } from '../errors.ts';
import type { CapsuleFile } from './capsule-verifier.ts';
import type { FirmwareState, SharedVariables } from './state.ts';
import { listFiles, readVariable, VOLATILE_ATTRIBUTES, writeVariable } from './variable-files.ts';

const SCHEMA = 1;

/** Throws BOARD_UNREADABLE where there is no flash of this version. */
export function readFirmware(paths: BoardPaths): FirmwareState {
  const { schema, ...flash } = readFlash(paths.flash);
  if (schema !== SCHEMA) throw new VirtualBoardError('BOARD_UNREADABLE', paths.flash);
  return { ...flash, variables: readSharedVariables(paths) };
}

/** The flash first: a power cut in between makes the firmware take the same capsule once more, which changes nothing. */
export function writeFirmware(paths: BoardPaths, state: FirmwareState): void {
  const { variables, ...flash } = state;
  mkdirSync(dirname(paths.flash), { recursive: true });
  writeFileSync(`${paths.flash}.new`, JSON.stringify({ schema: SCHEMA, ...flash }, undefined, 2));
  renameSync(`${paths.flash}.new`, paths.flash);
  writeSharedVariables(paths, variables);
}

type Flash = Omit<FirmwareState, 'variables'> & { readonly schema: number };

function readFlash(path: string): Flash {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Flash; // written by us alone, and its schema number is checked
  } catch (cause) {
    throw new VirtualBoardError('BOARD_UNREADABLE', path, { cause });
  }
}

/** A variable of a width that the firmware does not know is none to it. */
export function readSharedVariables(paths: BoardPaths): SharedVariables {
  const indications = readVariable(globalVariablePath(paths, 'OsIndications'));
  const trial = readVariable(globalVariablePath(paths, 'OsTrialBootStatus'));
  const decodedIndications = indications === undefined ? undefined : decodeOsIndications(indications);
  const decodedTrial = trial === undefined ? undefined : decodeTrialBoot(trial);
  return {
    ...(decodedIndications?.ok === true ? { osIndications: decodedIndications.value } : {}),
    ...(decodedTrial?.ok === true ? { trial: decodedTrial.value } : {}),
  };
}

function writeSharedVariables(paths: BoardPaths, { osIndications, trial }: SharedVariables): void {
  const current = readSharedVariables(paths);
  if (osIndications !== undefined && osIndications !== current.osIndications) {
    writeVariable(globalVariablePath(paths, 'OsIndications'), encodeOsIndications(osIndications));
  }
  if (trial !== undefined && trial.raw !== current.trial?.raw) {
    writeVariable(globalVariablePath(paths, 'OsTrialBootStatus'), encodeTrialBoot(trial));
  }
}

/** The capsules that UEFI sees: `*.cap`, whatever the case of the letters. */
export const readCapsules = ({ updateCapsule }: BoardPaths): readonly CapsuleFile[] =>
  capsuleNames(updateCapsule).map(fileName => ({ fileName, bytes: readFileSync(join(updateCapsule, fileName)) }));

export const capsuleNames = (updateCapsule: string): readonly string[] =>
  listFiles(updateCapsule).filter(name => name.toLowerCase().endsWith('.cap'));

export function removeCapsules({ updateCapsule }: BoardPaths, fileNames: readonly string[]): void {
  for (const fileName of fileNames) rmSync(join(updateCapsule, fileName), { force: true });
}

/** The row that the OS is shown; undefined where this firmware shows none. Without RPMB nothing is known of an attempt. */
export function esrtEntry(state: FirmwareState): EsrtEntry | undefined {
  if (!state.publishesEsrt) return undefined;
  const known = state.rpmb === 'provisioned';
  return {
    fwClass: state.fwClass,
    fwType: 1,
    fwVersion: state.running,
    lowestSupportedFwVersion: state.lowestSupported,
    capsuleFlags: 0,
    lastAttemptVersion: known ? state.lastAttempt.lastAttemptVersion : firmwareVersion(0),
    lastAttemptStatus: known ? state.lastAttempt.lastAttemptStatus : 0,
  };
}

/** What the running OS finds of the firmware: the ESRT in sysfs's text, and what OsIndications may ask for. */
export function publishFirmware(paths: BoardPaths, state: FirmwareState): void {
  writeVariable(
    globalVariablePath(paths, 'OsIndicationsSupported'),
    encodeOsIndications(FILE_CAPSULE_DELIVERY),
    VOLATILE_ATTRIBUTES,
  );
  rmSync(paths.esrt, { recursive: true, force: true });
  const entry = esrtEntry(state);
  if (entry === undefined) return;
  writeTexts(paths.esrt, { fw_resource_count: 1, fw_resource_count_max: 1, fw_resource_version: 1 });
  writeTexts(join(paths.esrt, 'entries/entry0'), esrtTexts(entry));
}

/** As the kernel's esrt driver prints a row. */
export const esrtTexts = (entry: EsrtEntry): Readonly<Record<string, string | number>> => ({
  fw_class: entry.fwClass.toLowerCase(),
  fw_type: entry.fwType,
  fw_version: entry.fwVersion,
  lowest_supported_fw_version: entry.lowestSupportedFwVersion,
  capsule_flags: `0x${entry.capsuleFlags.toString(16)}`,
  last_attempt_version: entry.lastAttemptVersion,
  last_attempt_status: entry.lastAttemptStatus,
});

function writeTexts(directory: string, texts: Readonly<Record<string, string | number>>): void {
  mkdirSync(directory, { recursive: true });
  for (const [name, text] of Object.entries(texts)) writeFileSync(join(directory, name), `${text}\n`);
}
