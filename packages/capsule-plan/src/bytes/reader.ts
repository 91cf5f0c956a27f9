// A bounds-checked cursor over bytes, for parts whose length is only known while they are read.

import type { Field } from './fields.ts';

/**
 * Reads fields one after the other; past the end every read gives undefined and the cursor stays where it is.
 * Never throws and never reads outside the bytes it was given.
 */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get offset(): number {
    return this.#at;
  }

  get remaining(): number {
    return this.#bytes.length - this.#at;
  }

  read<T>(field: Field<T>): T | undefined {
    if (field.sizeBytes > this.remaining) return undefined;
    const value = field.get(this.#view, this.#at);
    this.#at += field.sizeBytes;
    return value;
  }

  /** The next `length` bytes, not copied. */
  take(length: number): Uint8Array | undefined {
    if (length < 0 || length > this.remaining) return undefined;
    const taken = this.#bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    return taken;
  }

  /** The bytes up to, and past, the first `end`; undefined when it never comes. */
  takeUntil(end: number): Uint8Array | undefined {
    const at = this.#bytes.indexOf(end, this.#at);
    if (at < 0) return undefined;
    const taken = this.#bytes.subarray(this.#at, at);
    this.#at = at + 1;
    return taken;
  }
}
