// The kinds of field that binary layouts are made of: how wide each is, and how it is read and written.

import { type Guid, InvariantError } from '@seatrial/spec';
import { GUID_BYTES, guidFromBytes, guidToBytes } from './guid.ts';

/** One field of a fixed width. `get` and `put` are only called where `sizeBytes` bytes are there. */
export interface Field<T> {
  readonly sizeBytes: number;
  get(view: DataView, at: number): T;
  put(view: DataView, at: number, value: T): void;
}

/** A field that has one right value: filled in when written, compared by the reader's own rule when read. */
export interface ConstantField<T> extends Field<T> {
  readonly constant: T;
}

const unsigned = (
  sizeBytes: number,
  get: (view: DataView, at: number) => number,
  put: (view: DataView, at: number, value: number) => void,
): Field<number> => ({
  sizeBytes,
  get,
  put: (view, at, value) => {
    if (!Number.isInteger(value) || value < 0 || value >= 2 ** (8 * sizeBytes))
      throw new InvariantError(`${value} does not fit ${sizeBytes} bytes`);
    put(view, at, value);
  },
});

export const u8: Field<number> = unsigned(
  1,
  (view, at) => view.getUint8(at),
  (view, at, value) => view.setUint8(at, value),
);
export const u16: Field<number> = unsigned(
  2,
  (view, at) => view.getUint16(at, true),
  (view, at, value) => view.setUint16(at, value, true),
);
/** Three little-endian bytes (the size of an FFS file). */
export const u24: Field<number> = unsigned(
  3,
  (view, at) => view.getUint16(at, true) + view.getUint8(at + 2) * 0x10000,
  (view, at, value) => {
    view.setUint16(at, value & 0xffff, true);
    view.setUint8(at + 2, value >>> 16);
  },
);
export const u32: Field<number> = unsigned(
  4,
  (view, at) => view.getUint32(at, true),
  (view, at, value) => view.setUint32(at, value, true),
);
/** Big-endian, as the cells of a device tree are. */
export const u32BigEndian: Field<number> = unsigned(
  4,
  (view, at) => view.getUint32(at, false),
  (view, at, value) => view.setUint32(at, value, false),
);
export const i32: Field<number> = {
  sizeBytes: 4,
  get: (view, at) => view.getInt32(at, true),
  put: (view, at, value) => view.setInt32(at, value, true),
};
/** Always a bigint: values beyond 2^53 occur in real capsules. */
export const u64: Field<bigint> = {
  sizeBytes: 8,
  get: (view, at) => view.getBigUint64(at, true),
  put: (view, at, value) => {
    if (value < 0n || value > 0xffff_ffff_ffff_ffffn) throw new InvariantError(`${value} does not fit 8 bytes`);
    view.setBigUint64(at, value, true);
  },
};

const window = (view: DataView, at: number, sizeBytes: number): Uint8Array =>
  new Uint8Array(view.buffer, view.byteOffset + at, sizeBytes);

const fill = (view: DataView, at: number, sizeBytes: number, value: Uint8Array): void => {
  if (value.length > sizeBytes) throw new InvariantError(`${value.length} bytes do not fit ${sizeBytes}`);
  const target = window(view, at, sizeBytes);
  target.fill(0);
  target.set(value);
};

/** Opaque bytes, copied out; a shorter value is padded with zeros. */
export const rawBytes = (sizeBytes: number): Field<Uint8Array> => ({
  sizeBytes,
  get: (view, at) => window(view, at, sizeBytes).slice(),
  put: (view, at, value) => fill(view, at, sizeBytes, value),
});

export const guid: Field<Guid> = {
  sizeBytes: GUID_BYTES,
  get: (view, at) => guidFromBytes(window(view, at, GUID_BYTES)),
  put: (view, at, value) => fill(view, at, GUID_BYTES, guidToBytes(value)),
};

const text = (sizeBytes: number, encoding: 'latin1' | 'utf8' | 'utf16le'): Field<string> => ({
  sizeBytes,
  get: (view, at) => {
    const decoded = Buffer.from(window(view, at, sizeBytes)).toString(encoding);
    const end = decoded.indexOf('\0');
    return end < 0 ? decoded : decoded.slice(0, end);
  },
  put: (view, at, value) => fill(view, at, sizeBytes, Buffer.from(value, encoding)),
});

/** Text up to the first NUL or the end of the field; a text that fills the field has no NUL. */
export const ascii = (sizeBytes: number): Field<string> => text(sizeBytes, 'latin1');
export const utf8 = (sizeBytes: number): Field<string> => text(sizeBytes, 'utf8');
export const utf16 = (sizeBytes: number): Field<string> => text(sizeBytes, 'utf16le');

export const constant = <T>(field: Field<T>, value: T): ConstantField<T> => ({ ...field, constant: value });
