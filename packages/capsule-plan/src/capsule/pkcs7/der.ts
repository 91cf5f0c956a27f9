// DER writing: element framing around pieces that are already encoded, and the few primitive types that PKCS#7 and X.509 need.

import { Integer, ObjectIdentifier, PrintableString, Utf8String } from 'asn1js';
import { concatBytes } from '../../bytes/writer.ts';

const CONSTRUCTED = 0x20;
const CONTEXT = 0x80;

function length(bytes: number): Uint8Array {
  if (bytes < 0x80) return Uint8Array.of(bytes);
  const digits: number[] = [];
  for (let rest = bytes; rest > 0; rest = Math.floor(rest / 256)) digits.unshift(rest % 256);
  return Uint8Array.of(0x80 + digits.length, ...digits);
}

const element = (tag: number, parts: readonly Uint8Array[]): Uint8Array => {
  const content = concatBytes(parts);
  return concatBytes([Uint8Array.of(tag), length(content.length), content]);
};

export const sequence = (...parts: readonly Uint8Array[]): Uint8Array => element(0x30, parts);

/** SET OF: DER sorts the encodings as if the shorter were padded with zeros, which plain comparison of bytes does. */
export const setOf = (...parts: readonly Uint8Array[]): Uint8Array =>
  element(
    0x31,
    parts.toSorted((a, b) => Buffer.compare(a, b)),
  );

export const explicit = (tag: number, ...parts: readonly Uint8Array[]): Uint8Array =>
  element(CONTEXT + CONSTRUCTED + tag, parts);
export const implicitPrimitive = (tag: number, content: Uint8Array): Uint8Array => element(CONTEXT + tag, [content]);

/** The same element under another tag byte. */
export const retag = (tag: number, encoded: Uint8Array): Uint8Array =>
  concatBytes([Uint8Array.of(tag), encoded.subarray(1)]);
export const SET_TAG = 0x31;
export const CONTEXT_0_TAG = CONTEXT + CONSTRUCTED;

export const oid = (dotted: string): Uint8Array => new Uint8Array(new ObjectIdentifier({ value: dotted }).toBER());
export const integer = (value: number): Uint8Array => new Uint8Array(new Integer({ value }).toBER());
/** An integer of any size from its big-endian, unsigned digits. */
export const unsignedInteger = (digits: Uint8Array): Uint8Array => {
  const from = digits.findIndex(digit => digit !== 0);
  const significant = from < 0 ? Uint8Array.of(0) : digits.subarray(from);
  return element(0x02, (significant[0] ?? 0) >= 0x80 ? [Uint8Array.of(0), significant] : [significant]);
};
export const octetString = (content: Uint8Array): Uint8Array => element(0x04, [content]);
export const bitString = (content: Uint8Array, unusedBits = 0): Uint8Array =>
  element(0x03, [Uint8Array.of(unusedBits), content]);
export const NULL = Uint8Array.of(0x05, 0x00);
export const TRUE = Uint8Array.of(0x01, 0x01, 0xff);
export const printable = (value: string): Uint8Array => new Uint8Array(new PrintableString({ value }).toBER());
export const utf8 = (value: string): Uint8Array => new Uint8Array(new Utf8String({ value }).toBER());

const digitsOf = (atMs: number): string =>
  new Date(Math.floor(atMs / 1000) * 1000)
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replace(/[-:T]/g, '');
const isUtcYear = (digits: string): boolean => digits.slice(0, 4) >= '1950' && digits.slice(0, 4) < '2050';

/** `YYMMDDhhmmssZ` up to 2049 and `YYYYMMDDhhmmssZ` from 2050 on (RFC 5652, section 11.3). */
export function time(atMs: number): Uint8Array {
  const digits = digitsOf(atMs);
  const [tag, text] = isUtcYear(digits) ? [0x17, digits.slice(2)] : [0x18, digits];
  return element(tag, [Buffer.from(text, 'latin1')]);
}

/** A signing time as OpenSSL 3.0 writes it: outside 1950 to 2049 it keeps the UTCTime tag over 15 characters. */
export function openSslTime(atMs: number): Uint8Array {
  const digits = digitsOf(atMs);
  return element(0x17, [Buffer.from(isUtcYear(digits) ? digits.slice(2) : digits, 'latin1')]);
}
