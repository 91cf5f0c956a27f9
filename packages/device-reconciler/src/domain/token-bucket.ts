// A rate limit as arithmetic: how long to wait before the next bytes may pass.

export interface TokenBucket {
  readonly bytesPerSecond: number;
  /** Bytes that may pass at once; negative while there is a debt to wait for. */
  readonly credit: number;
  readonly atMs: number;
}

/** A second's worth may pass at once, so that small files are not slowed down. */
export const fullBucket = (bytesPerSecond: number, nowMs: number): TokenBucket => ({
  bytesPerSecond,
  credit: bytesPerSecond,
  atMs: nowMs,
});

/** Lets bytes pass on credit, and tells how long to wait until the debt is paid. */
export function spend(
  { bytesPerSecond, credit, atMs }: TokenBucket,
  bytes: number,
  nowMs: number,
): { readonly bucket: TokenBucket; readonly waitMs: number } {
  const earned = (Math.max(0, nowMs - atMs) * bytesPerSecond) / 1000;
  const left = Math.min(bytesPerSecond, credit + earned) - bytes;
  return {
    bucket: { bytesPerSecond, credit: left, atMs: nowMs },
    waitMs: left >= 0 ? 0 : Math.ceil((-left * 1000) / bytesPerSecond),
  };
}
