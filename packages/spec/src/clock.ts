// Time as a port: only adapters read the machine's clock, deciding functions are handed a number.

import type { Millis } from './units.ts';

export interface Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z. A board without a battery may honestly say 0. */
  now(): Millis;
}

export const systemClock: Clock = { now: () => Date.now() as Millis };
