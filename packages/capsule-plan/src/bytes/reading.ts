// Readings: parsers that ask for byte ranges instead of holding the file, so that one parser serves memory and files alike.

import { InvariantError } from '@seatrial/spec';

/** A wish for `length` bytes from `offset`; both lie inside the source. */
export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

/**
 * A parser over a source of known size. It yields the ranges that it wants and is handed their bytes, which it may use
 * only until it yields again: the driver reuses its buffer.
 */
export type Reading<T> = Generator<ByteRange, T, Uint8Array>;

/** No single wish is larger, so that memory stays near this size whatever the size of the source. */
export const CHUNK_BYTES = 1024 * 1024;

/** A small range, copied out so that it outlives the driver's buffer. */
export function* readRange(offset: number, length: number): Reading<Uint8Array> {
  // Not slice(): a Buffer's shares the memory.
  return Uint8Array.from(yield { offset, length });
}

/** A range of any size, handed chunk by chunk to `visit`. */
export function* visitRange(range: ByteRange, visit: (chunk: Uint8Array) => void): Reading<void> {
  const end = range.offset + range.length;
  for (let offset = range.offset; offset < end; offset += CHUNK_BYTES)
    visit(yield { offset, length: Math.min(CHUNK_BYTES, end - offset) });
}

/** Runs a reading over bytes in memory. */
export function readFromBytes<T>(bytes: Uint8Array, reading: Reading<T>): T {
  let step = reading.next();
  while (step.done !== true) step = reading.next(slice(bytes, step.value));
  return step.value;
}

/** Runs a reading over anything that can be read at an offset; `readAt` gives exactly the range or throws. */
export async function readFromSource<T>(
  readAt: (range: ByteRange) => Promise<Uint8Array>,
  reading: Reading<T>,
): Promise<T> {
  let step = reading.next();
  while (step.done !== true) step = reading.next(await readAt(step.value));
  return step.value;
}

function slice(bytes: Uint8Array, { offset, length }: ByteRange): Uint8Array {
  if (offset < 0 || length < 0 || offset + length > bytes.length)
    throw new InvariantError(`range ${offset}+${length} outside ${bytes.length} bytes`);
  return bytes.subarray(offset, offset + length);
}
