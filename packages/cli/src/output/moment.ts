// Moments in time for people: how long ago, or when.

import { formatDuration, type Millis } from '@seatrial/spec';

/** `2026-11-21 14:05:00Z`. */
export const formatMoment = (ms: Millis): string =>
  Number.isFinite(ms) && Math.abs(ms) <= 8.64e15
    ? new Date(ms)
        .toISOString()
        .replace('T', ' ')
        .replace(/\.\d+Z$/, 'Z')
    : 'unknown';

/** `5m ago`; a moment to come is shown as such, since clocks differ. */
export const formatAge = (ms: Millis, nowMs: Millis): string =>
  ms > nowMs ? `in ${formatDuration(ms - nowMs)}` : `${formatDuration(nowMs - ms)} ago`;
