// Outputs described as a row of segments, so that a file of any size can be laid out, hashed and written without being held.

import { InvariantError } from '@seatrial/spec';

/** Literal bytes, or `length` bytes of a source that the writer knows how to read (a path, or bytes in memory). */
export type Segment<S> =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'source'; readonly source: S; readonly length: number };

export const literal = (bytes: Uint8Array): Segment<never> => ({ kind: 'bytes', bytes });

export const segmentBytes = <S>(segment: Segment<S>): number =>
  segment.kind === 'bytes' ? segment.bytes.length : segment.length;

export const totalBytes = <S>(segments: readonly Segment<S>[]): number =>
  segments.reduce((sum, segment) => sum + segmentBytes(segment), 0);

/** The bytes of segments whose sources are in memory. */
export function* bytesOf(segments: readonly Segment<Uint8Array>[]): Generator<Uint8Array> {
  for (const segment of segments) {
    if (segment.kind === 'source' && segment.source.length !== segment.length)
      throw new InvariantError(`a source of ${segment.source.length} bytes was laid out as ${segment.length}`);
    yield segment.kind === 'bytes' ? segment.bytes : segment.source;
  }
}
