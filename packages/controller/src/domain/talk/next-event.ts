// What a rollout waits for next, and when that comes: the end of a soak, a window, an approval, somebody's order.

import { windowState } from '@seatrial/capsule-plan';
import type { MaintenanceWindow, Millis } from '@seatrial/spec';
import type { RolloutState } from '../rollout.ts';

export interface NextEvent {
  /** A clause: `stage 2 is watched`, `boards wait for their window`. */
  readonly what: string;
  /** Absent where nobody can know. */
  readonly atMs?: Millis;
}

export interface Waiting {
  readonly state: RolloutState;
  /** Boards in motion that wait for a window, a gate or a network. */
  readonly gated: number;
  readonly windows: readonly MaintenanceWindow[];
  readonly nowMs: Millis;
}

/** Undefined where nothing is waited for. */
export function nextEvent(waiting: Waiting): NextEvent | undefined {
  const { state } = waiting;
  switch (state.kind) {
    case 'advancing':
      return windowEvent(waiting) ?? lastMoment(state.untilMs);
    case 'soaking':
      return { what: 'the soak ends', atMs: state.untilMs };
    case 'waiting':
      return { what: state.message };
    case 'paused':
      return { what: 'an engineer resumes, retries, promotes or reverts' };
    case 'done':
      return undefined;
  }
}

/** A stage does not wait for its boards for ever. */
const lastMoment = (atMs: Millis | undefined): NextEvent | undefined =>
  atMs === undefined ? undefined : { what: 'the stage decides at the latest', atMs };

/** Only boards that are held back are waited for. A window in the boards' own time opens at as many moments as there are zones. */
function windowEvent({ gated, windows, nowMs }: Waiting): NextEvent | undefined {
  if (gated === 0 || windows.length === 0) return undefined;
  const inZones = windows.filter(({ timeZone }) => timeZone !== 'device');
  const own = windows.filter(({ timeZone }) => timeZone === 'device').map(({ start }) => `"${start}"`);
  const state = inZones.length === 0 ? undefined : windowState(inZones, { nowMs, timeZone: 'UTC' });
  if (state?.kind === 'open') return undefined;
  if (own.length > 0) return { what: `the window opens at ${own.join(' or ')} of each board's own time` };
  return { what: 'the window opens', ...at(state?.kind === 'closed' ? state.opensAtMs : undefined) };
}

const at = (atMs: Millis | undefined) => (atMs === undefined ? {} : { atMs });

/** `2026-11-21 14:00 UTC`: the same for every reader, and the same tomorrow. */
export const momentText = (atMs: Millis): string =>
  `${new Date(atMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`;

export const eventText = ({ what, atMs }: NextEvent): string =>
  atMs === undefined ? what : `${what}: ${momentText(atMs)}`;
