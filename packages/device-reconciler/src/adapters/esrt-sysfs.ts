// The EFI System Resource Table as the kernel shows it.
// Touches: /sys/firmware/efi/esrt/entries/entry*/{fw_class,fw_type,fw_version,lowest_supported_fw_version,capsule_flags,
// last_attempt_version,last_attempt_status} (read). Privileges: CAP_DAC_READ_SEARCH, the files are root's.

import { readdir } from 'node:fs/promises';
import type { EsrtEntry } from '@seatrial/capsule-plan';
import { firmwareVersion, parseGuid } from '@seatrial/spec';
import { PortError } from '../errors.ts';
import type { FirmwareTable } from '../ports/firmware-table.ts';
import type { BoardRoot } from './board-root.ts';
import { readTextIfThere } from './durable-file.ts';

const DIRECTORY = 'sys/firmware/efi/esrt/entries';

export const esrtSysfs = (root: BoardRoot): FirmwareTable => ({
  rows: async () => {
    const names = await readdir(root(DIRECTORY)).catch(() => []);
    return Promise.all(names.filter(name => name.startsWith('entry')).map(name => readRow(root, name)));
  },
});

async function readRow(root: BoardRoot, name: string): Promise<EsrtEntry> {
  const text = async (file: string): Promise<string> => (await readTextIfThere(root(DIRECTORY, name, file))) ?? '';
  const fwClass = parseGuid(await text('fw_class'));
  if (fwClass === undefined) throw new PortError('esrt-malformed', `${name}/fw_class`);
  const number = async (file: string): Promise<number> => {
    const value = parseU32(await text(file));
    if (value === undefined) throw new PortError('esrt-malformed', `${name}/${file}`);
    return value;
  };
  return {
    fwClass,
    fwType: await number('fw_type'),
    fwVersion: firmwareVersion(await number('fw_version')),
    lowestSupportedFwVersion: firmwareVersion(await number('lowest_supported_fw_version')),
    capsuleFlags: await number('capsule_flags'),
    lastAttemptVersion: firmwareVersion(await number('last_attempt_version')),
    lastAttemptStatus: await number('last_attempt_status'),
  };
}

/** Decimal, or hexadecimal with `0x` as the kernel prints capsule_flags. */
function parseU32(text: string): number | undefined {
  if (!/^(?:\d{1,10}|0x[0-9a-fA-F]{1,8})$/.test(text)) return undefined;
  const value = Number(text);
  return value <= 0xffff_ffff ? value : undefined;
}
