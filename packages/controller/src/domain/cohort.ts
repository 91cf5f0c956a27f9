// Who goes first: the order in which the boards of a fleet are let into a rollout, and how far each stage reaches.

import { hash } from 'node:crypto';
import type { DeviceId, Millis, Portion, Sha256 } from '@seatrial/spec';

/**
 * Positions in `ids`, first board first. A board's place follows from sha256(salt + id) alone: neither the order of files
 * nor a restart changes it, and another rollout, with another salt, begins with other boards.
 */
export function cohortOrder(salt: string, ids: readonly DeviceId[]): Uint32Array {
  const places = Float64Array.from(ids, id => placeOf(salt + id));
  const order = Uint32Array.from(ids, (_id, index) => index);
  return order.sort((a, b) => (places[a] ?? 0) - (places[b] ?? 0) || ((ids[a] ?? '') < (ids[b] ?? '') ? -1 : 1));
}

/** How many boards of the cohort a stage lets in: a share is rounded up, so that every stage moves at least one. */
export function stageSize(limit: Portion, cohort: number): number {
  const boards = 'count' in limit ? limit.count : Math.ceil((limit.percent * cohort) / 100 - ROUNDING);
  return Math.min(Math.max(boards, 1), cohort);
}

/** How many boards may fail: a share is rounded down. */
export function failuresAllowed(budget: Portion, cohort: number): number {
  return 'count' in budget ? budget.count : Math.floor((budget.percent * cohort) / 100 + ROUNDING);
}

/** This board's share of the download jitter: the same whenever it is asked, another for another payload. */
export function jitterOf(device: DeviceId, payloadHash: Sha256, jitterMs: Millis): Millis {
  return Math.floor(placeOf(payloadHash + device) * jitterMs) as Millis; // a share of a length of time is one
}

/** Guards whole numbers of boards against the last bit of a floating-point product: 7 % of 100 boards are 7. */
const ROUNDING = 1e-9;
const PLACE_DIGITS = 13;
const PLACES = 16 ** PLACE_DIGITS;

/** Uniform in [0, 1): the first 52 bits of the text's sha256. */
const placeOf = (text: string): number => Number.parseInt(hash('sha256', text).slice(0, PLACE_DIGITS), 16) / PLACES;
