// The diff: what git wants of every board against what its last report proved.
//
// Three functions with three prices. `diffAll` looks at every board, `diffRows` at the boards of a fleet that changed, and
// `diffBoard` at the one board that spoke, whatever the size of the fleet. All three ask `standingOf`, the only place where
// wanted, planned and judged meet.

import type { VerdictKind } from '@seatrial/capsule-plan';
import { type Boards, NOTHING } from './boards.ts';

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

export type Tally = Readonly<Record<Standing, number>>;

export interface Change {
  readonly row: number;
  readonly before: Standing;
  readonly after: Standing;
}

/** Every board anew. */
export function diffAll(boards: Boards, nowMs: number): Tallies {
  const tallies = new Tallies();
  for (let row = 0; row < boards.count; row += 1) {
    const standing = standingOf(boards, row, nowMs);
    boards.standing[row] = standing;
    tallies.count(boards.group[row] ?? 0, standing, 1);
  }
  return tallies;
}

/** The given boards, and which of them changed. */
export function diffRows(boards: Boards, tallies: Tallies, rows: Iterable<number>, nowMs: number): readonly Change[] {
  const changes: Change[] = [];
  for (const row of rows) {
    const change = diffBoard(boards, tallies, row, nowMs);
    if (change !== undefined) changes.push(change);
  }
  return changes;
}

/** One board; undefined when it stands as it stood. */
export function diffBoard(boards: Boards, tallies: Tallies, row: number, nowMs: number): Change | undefined {
  const before = boards.standing[row] ?? UNASSIGNED;
  const after = standingOf(boards, row, nowMs);
  if (before === after) return undefined;
  const group = boards.group[row] ?? 0;
  tallies.count(group, before, -1);
  tallies.count(group, after, 1);
  boards.standing[row] = after;
  return { row, before: nameOf(before), after: nameOf(after) };
}

/** Moves a board, as it stands, from the group that it is counted in to another. */
export function regroup(boards: Boards, tallies: Tallies, row: number, group: number): void {
  const standing = boards.standing[row] ?? UNASSIGNED;
  tallies.count(boards.group[row] ?? 0, standing, -1);
  tallies.count(group, standing, 1);
  boards.group[row] = group;
}

const WIDTH = STANDINGS.length;

/** How many boards of each group stand how; grows with the groups that are mentioned. */
export class Tallies {
  #counts = new Uint32Array(64 * WIDTH);

  count(group: number, standing: number, by: 1 | -1): void {
    const cell = group * WIDTH + standing;
    if (cell >= this.#counts.length) this.#grow(cell * 2);
    this.#counts[cell] = (this.#counts[cell] ?? 0) + by;
  }

  of(group: number): Tally {
    const start = group * WIDTH;
    const counts = STANDINGS.map((standing, index) => [standing, this.#counts[start + index] ?? 0] as const);
    return Object.fromEntries(counts) as Tally; // one count for each of STANDINGS
  }

  #grow(cells: number): void {
    const larger = new Uint32Array(cells);
    larger.set(this.#counts);
    this.#counts = larger;
  }
}

export const nameOf = (standing: number): Standing => STANDINGS[standing] ?? 'unassigned';
export const standingAt = (boards: Boards, row: number): Standing => nameOf(boards.standing[row] ?? UNASSIGNED);
export const NO_BOARDS: Tally = new Tallies().of(0);
export const addTallies = (a: Tally, b: Tally): Tally =>
  Object.fromEntries(STANDINGS.map(standing => [standing, a[standing] + b[standing]])) as Tally; // one sum for each of STANDINGS
export const boardsIn = (tally: Tally): number => STANDINGS.reduce((sum, standing) => sum + tally[standing], 0);

/**
 * What has been proven comes first, then whose turn it is, then what is final until somebody acts, and only then what
 * time may change: a board that failed and fell silent has failed.
 */
function standingOf(boards: Boards, row: number, nowMs: number): number {
  const wanted = boards.wanted[row];
  if (wanted === NOTHING) return UNASSIGNED;
  const verdict = boards.judged[row] === wanted ? boards.verdict[row] : NOT_JUDGED;
  if (verdict === PROVEN) return UP_TO_DATE;
  if (boards.planned[row] !== wanted) return QUEUED;
  const standing = STANDING_OF_VERDICT[boards.judgedAttempt[row] === boards.attempt[row] ? (verdict ?? 0) : NOT_JUDGED];
  if (standing === FAILED || standing === BLOCKED) return standing;
  if (nowMs >= (boards.unreachableAtMs[row] ?? 0)) return UNREACHABLE;
  if (standing === GATED) return GATED;
  return nowMs >= (boards.overdueAtMs[row] ?? 0) ? OVERDUE : (standing ?? PENDING);
}

const code = (standing: Standing): number => STANDINGS.indexOf(standing);
const UNASSIGNED = code('unassigned');
const QUEUED = code('queued');
const PENDING = code('pending');
const GATED = code('gated');
const BLOCKED = code('blocked');
const FAILED = code('failed');
const OVERDUE = code('overdue');
const UNREACHABLE = code('unreachable');
const UP_TO_DATE = code('upToDate');

/** What a verdict comes to for a board that was given the wanted plan; the position is the verdict's code. */
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
const STANDING_OF_VERDICT = Uint8Array.from(Object.values(VERDICTS), code);
/** The number under which a verdict stands in its column. */
export const verdictCode = (verdict: VerdictKind | 'none'): number => VERDICT_NAMES.indexOf(verdict);
const NOT_JUDGED = verdictCode('none');
const PROVEN = verdictCode('upToDate');
