// Maintenance windows: when they open and whether one is open now, in the board's own zone or a named one.

import { type Millis, millis, type Policy, parseTimeZone } from '@seatrial/spec';
import { Cron } from 'croner';
import type { ObservedClock } from './observed.ts';

type Window = Policy['windows'][number];

/** Before this moment a clock has plainly not been set: 2025-01-01. Windows can not be judged by it. */
export const EARLIEST_PLAUSIBLE_MS = millis(Date.UTC(2025, 0, 1));

export type WindowState =
  | { readonly kind: 'open'; readonly untilMs?: Millis }
  | { readonly kind: 'closed'; readonly opensAtMs?: Millis }
  | { readonly kind: 'clock-not-set' };

/** A policy without windows is always open. The end is enforced: nothing disruptive starts after it. */
export function windowState(windows: readonly Window[], clock: ObservedClock): WindowState {
  if (windows.length === 0) return { kind: 'open' };
  if (clock.nowMs < EARLIEST_PLAUSIBLE_MS) return { kind: 'clock-not-set' };
  const states = windows.map(window => stateOf(window, clock));
  const open = states.flatMap(state => (state.kind === 'open' && state.untilMs !== undefined ? [state.untilMs] : []));
  if (open.length > 0) return { kind: 'open', untilMs: latest(open) };
  const next = states.flatMap(state =>
    state.kind === 'closed' && state.opensAtMs !== undefined ? [state.opensAtMs] : [],
  );
  return next.length === 0 ? { kind: 'closed' } : { kind: 'closed', opensAtMs: earliest(next) };
}

function stateOf({ start, durationMs, timeZone }: Window, clock: ObservedClock): WindowState {
  const recent = firstStartAfter(start, timeZone === 'device' ? clock.timeZone : timeZone, clock.nowMs - durationMs);
  if (recent === undefined) return { kind: 'closed' };
  if (recent > clock.nowMs) return { kind: 'closed', opensAtMs: millis(recent) };
  return { kind: 'open', untilMs: millis(recent + durationMs) };
}

/** What was found out about one cron text in one zone: `startMs` is the first start after every moment from `fromMs` up to it. */
interface KnownStart {
  readonly cron: Cron;
  readonly fromMs: number;
  readonly startMs: number;
}

/** Finding a start takes a calendar and a time zone, and all boards of a fleet ask for the same one. */
const KNOWN_STARTS = new Map<string, KnownStart>();
const MOST_KNOWN_STARTS = 1_000;

function firstStartAfter(start: string, zone: string, afterMs: number): number | undefined {
  const key = `${zone} ${start}`;
  const known = KNOWN_STARTS.get(key);
  if (known !== undefined && afterMs >= known.fromMs && afterMs < known.startMs) return known.startMs;
  const cron = known?.cron ?? new Cron(start, { timezone: knownZone(zone) });
  const startMs = cron.nextRun(new Date(afterMs))?.getTime();
  if (startMs === undefined) return undefined;
  if (KNOWN_STARTS.size >= MOST_KNOWN_STARTS) KNOWN_STARTS.clear();
  KNOWN_STARTS.set(key, { cron, fromMs: afterMs, startMs });
  return startMs;
}

/** A board may report a zone that nobody here has heard of; it is then taken at UTC, as one without a zone is. */
const knownZone = (zone: string): string => (parseTimeZone(zone) === undefined ? 'UTC' : zone);

const latest = (moments: readonly Millis[]): Millis => millis(Math.max(...moments));
const earliest = (moments: readonly Millis[]): Millis => millis(Math.min(...moments));
