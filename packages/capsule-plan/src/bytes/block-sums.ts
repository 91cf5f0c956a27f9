// 8-bit sums of the blocks of a range, taken while it passes by for another reason, so that its parts can be summed later
// without reading them again. Knows nothing of what the bytes mean.

import { sum8 } from './checksum.ts';
import { type ByteRange, CHUNK_BYTES, type Reading, visitRange } from './reading.ts';

const BLOCK_BYTES = CHUNK_BYTES / 16;

/** Chunks are handed over in order, each but the last a multiple of the block size; visitRange does so. */
export class BlockSums {
  readonly #offset: number;
  readonly #sums: number[] = [];

  /** `offset` is where the first chunk stands in the source. */
  constructor(offset: number) {
    this.#offset = offset;
  }

  add(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length; at += BLOCK_BYTES) this.#sums.push(sum8(chunk.subarray(at, at + BLOCK_BYTES)));
  }

  /** The sum of a range of the source; reads only what lies outside whole blocks that passed by. */
  *sumOf(range: ByteRange): Reading<number> {
    const end = range.offset + range.length;
    const first = Math.max(0, Math.ceil((range.offset - this.#offset) / BLOCK_BYTES));
    const last = Math.min(this.#sums.length, Math.floor((end - this.#offset) / BLOCK_BYTES));
    if (first >= last) return yield* sumRange(range);
    const known = this.#sums.slice(first, last).reduce((sum, block) => sum + block, 0);
    const [from, to] = [this.#offset + first * BLOCK_BYTES, this.#offset + last * BLOCK_BYTES];
    const head = yield* sumRange({ offset: range.offset, length: from - range.offset });
    const tail = yield* sumRange({ offset: to, length: end - to });
    return (head + known + tail) & 0xff;
  }
}

function* sumRange(range: ByteRange): Reading<number> {
  let sum = 0;
  yield* visitRange(range, chunk => {
    sum += sum8(chunk);
  });
  return sum & 0xff;
}
