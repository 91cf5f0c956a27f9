// Canonical JSON and its SHA-256: the one way in which values are compared, hashed and signed here.

import { createHash } from 'node:crypto';
import type { Sha256 } from './ids.ts';
import { InvariantError } from './result.ts';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined };

/**
 * JSON with keys sorted by UTF-16 code unit, no white space, undefined members left out (RFC 8785 for the values we use).
 * Throws InvariantError for a number that JSON can not hold.
 */
export function canonicalJson(value: Json): string {
  if (typeof value === 'number' && !Number.isFinite(value)) throw new InvariantError(`not a JSON number: ${value}`);
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  // Joined by hand: this runs for every board of a fleet, and arrays of members cost three times as much.
  let members = '';
  for (const key of Object.keys(value).sort()) {
    const member = (value as { readonly [key: string]: Json | undefined })[key]; // Array.isArray does not exclude readonly arrays
    if (member !== undefined) members += `${members === '' ? '' : ','}${JSON.stringify(key)}:${canonicalJson(member)}`;
  }
  return `{${members}}`;
}

export const sha256Hex = (data: string | Uint8Array): Sha256 =>
  createHash('sha256').update(data).digest('hex') as Sha256;

/** SHA-256 over the canonical JSON of a value. */
export const fingerprint = (value: Json): Sha256 => sha256Hex(canonicalJson(value));
