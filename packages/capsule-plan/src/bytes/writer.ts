// Puts byte pieces together, keeping count of where the next one will stand.

import { InvariantError } from '@seatrial/spec';
import type { Field } from './fields.ts';

/** Collects pieces without copying them; `toBytes` joins them once. */
export class ByteWriter {
  readonly #pieces: Uint8Array[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  append(piece: Uint8Array): this {
    this.#pieces.push(piece);
    this.#length += piece.length;
    return this;
  }

  write<T>(field: Field<T>, value: T): this {
    const bytes = new Uint8Array(field.sizeBytes);
    field.put(new DataView(bytes.buffer), 0, value);
    return this.append(bytes);
  }

  /** Fills with `value` up to the next multiple of `alignment`. */
  alignTo(alignment: number, value: number): this {
    return this.append(new Uint8Array(paddingTo(this.#length, alignment)).fill(value));
  }

  toBytes(): Uint8Array {
    return concatBytes(this.#pieces);
  }
}

export function paddingTo(length: number, alignment: number): number {
  if (alignment <= 0) throw new InvariantError(`alignment ${alignment}`);
  return (alignment - (length % alignment)) % alignment;
}

export function concatBytes(pieces: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    joined.set(piece, at);
    at += piece.length;
  }
  return joined;
}
