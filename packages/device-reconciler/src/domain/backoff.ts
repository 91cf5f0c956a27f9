// Pauses between attempts: full jitter, so that a fleet that lost the same server does not come back as one.

export interface BackoffLimits {
  readonly firstMs: number;
  readonly longestMs: number;
}

/**
 * A random part of a ceiling that doubles with every failure in a row, never more than the longest. `roll` is in [0, 1).
 * A tenth of the ceiling is the least, so that a bad roll is not a busy loop.
 */
export function backoffMs(failuresInARow: number, { firstMs, longestMs }: BackoffLimits, roll: number): number {
  const ceiling = Math.min(longestMs, firstMs * 2 ** Math.min(30, Math.max(0, failuresInARow - 1)));
  return Math.round(ceiling * (0.1 + 0.9 * roll));
}
