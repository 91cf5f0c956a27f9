// LoaderEntryDefault holds the boot loader to one entry, whatever the counters of the others say [BOOT-LOADER-INTERFACE].

import {
  decodeEfiText,
  type EfiVariable,
  encodeEfiText,
  LOADER_VARIABLE,
  PERSISTENT_ATTRIBUTES,
} from '@seatrial/capsule-plan';

export const LOADER_HOLD = { name: 'LoaderEntryDefault', guid: LOADER_VARIABLE };

/** systemd-boot's entry id: the file name without the counter, in lower case, with `.conf` since version 250. */
export const holdOf = (entryId: string): EfiVariable => ({
  attributes: PERSISTENT_ATTRIBUTES,
  value: encodeEfiText(`${entryId.toLowerCase()}.conf`),
});

/** The held entry's id as `parseEntryName` gives it; undefined where nothing is held. */
export function heldEntryId(variable: EfiVariable | undefined): string | undefined {
  const id = variable === undefined ? '' : decodeEfiText(variable.value).replace(/\.conf$/, '');
  return id === '' ? undefined : id;
}
