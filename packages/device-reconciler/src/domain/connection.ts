// How a board finds its broker: which address and which MQTT version to try next, and after which pause.

import { type BackoffLimits, backoffMs } from './backoff.ts';

export type MqttVersion = 4 | 5;

export interface ConnectionAttempt {
  /** Index into the configured URLs. */
  readonly url: number;
  readonly version: MqttVersion;
  readonly failuresInARow: number;
}

export const FIRST_ATTEMPT: ConnectionAttempt = { url: 0, version: 5, failuresInARow: 0 };

/** How a connection ended. */
export interface ConnectionEnd {
  /** The transport was there, so somebody listens. */
  readonly reached: boolean;
  /** The broker accepted us: CONNACK without an error. */
  readonly accepted: boolean;
  readonly lastedMs: number;
}

/** A connection that held for this long was no failure; a kick past CONNACK within it is one. */
export const STABLE_MS = 60_000;

/**
 * A broker that hangs up before it accepts may not know MQTT 5: 3.1.1 is tried next, at once, and then in turn. Otherwise
 * the next URL is tried, after a pause with full jitter that grows with every failure, the first included.
 */
export function nextAttempt(
  { url, version, failuresInARow }: ConnectionAttempt,
  end: ConnectionEnd,
  { urls, limits, roll }: { readonly urls: number; readonly limits: BackoffLimits; readonly roll: number },
): { readonly attempt: ConnectionAttempt; readonly pauseMs: number } {
  const failures = end.accepted && end.lastedMs >= STABLE_MS ? 1 : failuresInARow + 1;
  const pauseMs = backoffMs(failures, limits, roll);
  if (end.reached && !end.accepted && version === 5) {
    return { attempt: { url, version: 4, failuresInARow }, pauseMs: 0 };
  }
  return {
    attempt: {
      url: end.accepted ? url : (url + 1) % urls,
      version: end.accepted ? version : 5,
      failuresInARow: failures,
    },
    pauseMs,
  };
}
