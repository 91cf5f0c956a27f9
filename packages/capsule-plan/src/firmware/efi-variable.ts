// A UEFI variable as efivarfs shows it: four attribute bytes in front of the value.

import { err, type Guid, ok, type Result } from '@seatrial/spec';

/** Attribute bits of a UEFI variable [UEFI-8.2]. */
export const NON_VOLATILE = 0x1;
export const BOOTSERVICE_ACCESS = 0x2;
export const RUNTIME_ACCESS = 0x4;
/** What every variable that we write must have: it survives a reboot and both sides can see it. */
export const PERSISTENT_ATTRIBUTES = NON_VOLATILE | BOOTSERVICE_ACCESS | RUNTIME_ACCESS;

/** The vendor GUID of OsIndications, OsIndicationsSupported and OsTrialBootStatus [UEFI-3.3]. */
export const EFI_GLOBAL_VARIABLE = '8BE4DF61-93CA-11D2-AA0D-00E098032B8C' as Guid;
/** The vendor GUID of systemd-boot's own variables [BOOT-LOADER-INTERFACE]. */
export const LOADER_VARIABLE = '4A67B082-0A4C-41CF-B6C7-440B29BB8C4F' as Guid;

export interface EfiVariable {
  readonly attributes: number;
  readonly value: Uint8Array;
}

/** The file name below /sys/firmware/efi/efivars; the kernel writes GUIDs in lower case. */
export const efiVariableFileName = (name: string, guid: Guid): string => `${name}-${guid.toLowerCase()}`;

/** Fails with `efi-variable-truncated` when the attribute bytes are not whole. */
export function decodeEfiVariable(file: Uint8Array): Result<EfiVariable, 'efi-variable-truncated'> {
  if (file.byteLength < 4) return err('efi-variable-truncated');
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  return ok({ attributes: view.getUint32(0, true), value: file.slice(4) });
}

/** The bytes to hand to efivarfs in one write. */
export function encodeEfiVariable({ attributes, value }: EfiVariable): Uint8Array {
  const file = new Uint8Array(4 + value.byteLength);
  new DataView(file.buffer).setUint32(0, attributes, true);
  file.set(value, 4);
  return file;
}

/** Text in systemd-boot's variables: UTF-16LE with a closing NUL. */
export const decodeEfiText = (value: Uint8Array): string =>
  new TextDecoder('utf-16le').decode(value).replace(/\0[\s\S]*$/u, '');

export function encodeEfiText(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(`${text}\0`, 'utf16le'));
}
