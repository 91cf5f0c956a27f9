// GUIDs between their registry text and their sixteen mixed-endian bytes (UEFI 2.11, appendix A).

import { type Guid, InvariantError, parseGuid } from '@seatrial/spec';

/** Where each byte of the text form stands on disk: the first three groups are byte-reversed. */
const DISK_ORDER = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15] as const;

export const GUID_BYTES = 16;

/** A GUID that stands in this source; a misspelt one is a defect. */
export function knownGuid(text: string): Guid {
  const guid = parseGuid(text);
  if (guid === undefined) throw new InvariantError(`not a GUID: ${text}`);
  return guid;
}

/** Sixteen bytes as a GUID; the caller has checked that they are there. */
export function guidFromBytes(bytes: Uint8Array): Guid {
  const hex = DISK_ORDER.map(at => (bytes[at] ?? 0).toString(16).padStart(2, '0')).join('');
  return knownGuid(hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'));
}

export function guidToBytes(guid: Guid): Uint8Array {
  const bytes = Buffer.from(guid.replaceAll('-', ''), 'hex');
  return Uint8Array.from(DISK_ORDER, at => bytes[at] ?? 0);
}

/** GUID text as the tools around FvUpdate.xml accept it: optional braces, 32 hex digits, hyphens anywhere, not trimmed. */
export function looseGuid(text: string): Guid | undefined {
  const bare = text.startsWith('{') && text.endsWith('}') ? text.slice(1, -1) : text;
  const digits = bare.replaceAll('-', '');
  if (!/^[0-9A-Fa-f]{32}$/.test(digits)) return undefined;
  return parseGuid(digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'));
}
