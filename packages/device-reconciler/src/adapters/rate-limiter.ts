// Holds one or more streams of bytes to one rate together.
// Touches: nothing but time, through the timer port.

import { fullBucket, spend } from '../domain/token-bucket.ts';
import type { Timer } from '../ports/timer.ts';

export interface RateLimiter {
  /** Resolves when these bytes may pass. */
  pass(bytes: number, signal?: AbortSignal): Promise<void>;
}

/** Without a rate nothing waits. */
export function rateLimiter(bytesPerSecond: number | undefined, timer: Timer): RateLimiter {
  if (bytesPerSecond === undefined) return { pass: async () => undefined };
  let bucket = fullBucket(bytesPerSecond, timer.monotonic());
  return {
    pass: async (bytes, signal) => {
      const spent = spend(bucket, bytes, timer.monotonic());
      bucket = spent.bucket;
      if (spent.waitMs > 0) await timer.sleep(spent.waitMs, signal);
    },
  };
}
