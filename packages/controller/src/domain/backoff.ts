// How long to wait before trying again: a random part of a time that doubles, so that many who failed together do not come
// back together.

export interface Backoff {
  readonly firstMs: number;
  readonly longestMs: number;
}

/** Full jitter from the first failure on. `failures` counts from 1; `chance` is in [0, 1). */
export const backoffMs = ({ firstMs, longestMs }: Backoff, failures: number, chance: number): number =>
  Math.round(chance * Math.min(longestMs, firstMs * 2 ** Math.min(failures, 30)));
