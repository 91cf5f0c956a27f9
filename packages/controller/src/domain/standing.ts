// How a board can stand to what git wants of it, by name and by the number that stands in a column.

import type { VerdictKind } from '@seatrial/capsule-plan';

/** How a board stands to what git wants of it. A board is in exactly one standing. */
export const STANDINGS = [
  /** No fleet wants anything of it. */
  'unassigned',
  /** Its turn has not come: no plan for what is wanted was made yet. */
  'queued',
  /** It was given the plan and has not taken it up. */
  'pending',
  'updating',
  /** It waits for its window, a gate or a network. */
  'gated',
  /** It can not begin until somebody removes the reason. */
  'blocked',
  /** It tried, and went back. */
  'failed',
  /** It could have acted and did not finish in time. */
  'overdue',
  /** It has been silent for too long to be counted on. */
  'unreachable',
  /** Proven by evidence to run what is wanted. */
  'upToDate',
] as const;
export type Standing = (typeof STANDINGS)[number];

export const standingCode = (standing: Standing): number => STANDINGS.indexOf(standing);
export const standingName = (code: number | undefined): Standing => STANDINGS[code ?? 0] ?? 'unassigned';

/** What a verdict comes to for a board that was given the wanted plan; the position is the verdict's number. */
const VERDICTS = {
  none: 'pending',
  pending: 'pending',
  updating: 'updating',
  gated: 'gated',
  blocked: 'blocked',
  failed: 'failed',
  upToDate: 'upToDate',
} as const satisfies Record<VerdictKind | 'none', Standing>;

const VERDICT_NAMES = Object.keys(VERDICTS);
const STANDING_OF_VERDICT = Uint8Array.from(Object.values(VERDICTS), standingCode);

/** The number under which a verdict stands in its column. */
export const verdictCode = (verdict: VerdictKind | 'none'): number => VERDICT_NAMES.indexOf(verdict);
export const standingOfVerdict = (code: number | undefined): number => STANDING_OF_VERDICT[code ?? 0] ?? 0;
