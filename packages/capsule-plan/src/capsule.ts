// The capsule toolchain: everything that makes or judges capsule bytes. Apart from the main entry, so that a board that only
// plans does not carry it.

export type { ByteRange, Reading } from './bytes/reading.ts';
export { CHUNK_BYTES, readFromBytes, readFromSource } from './bytes/reading.ts';
export * from './capsule/errors.ts';
export * from './capsule/summary.ts';
