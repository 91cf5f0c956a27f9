// The port to time: the wall clock, which may jump, and a monotonic one, which may not.

import type { Millis } from '@seatrial/spec';

export interface Timer {
  /** Milliseconds since 1970; honest about a clock that was never set. */
  now(): Millis;
  /** Milliseconds since some moment; never goes back. Every pause and deadline is measured with it. */
  monotonic(): Millis;
  /** Resolves early, and never fails, when the signal aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** A number in [0, 1), for jitter. */
  roll(): number;
}
