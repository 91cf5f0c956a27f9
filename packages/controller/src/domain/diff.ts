// The diff: what git wants of every board against what its last report proved.
//
// Three functions with three prices. `diffAll` looks at every board, `diffRows` at the boards of a fleet that changed, and
// `diffBoard` at the one board that spoke, whatever the size of the fleet. All three ask `standingOf`, the only place where
// wanted, planned and judged meet.

import { type Boards, NOTHING } from './boards.ts';
import { type Standing, standingCode, standingName, standingOfVerdict, verdictCode } from './standing.ts';
import { Tallies } from './tallies.ts';

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
  return { row, before: standingName(before), after: standingName(after) };
}

/** Moves a board, as it stands, from the group that it is counted in to another. */
export function regroup(boards: Boards, tallies: Tallies, row: number, group: number): void {
  const standing = boards.standing[row] ?? UNASSIGNED;
  tallies.count(boards.group[row] ?? 0, standing, -1);
  tallies.count(group, standing, 1);
  boards.group[row] = group;
}

/** How the board stood when it was last looked at. */
export const standingAt = (boards: Boards, row: number): Standing => standingName(boards.standing[row]);

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
  const isOfThisTry = boards.judgedAttempt[row] === boards.attempt[row];
  const standing = standingOfVerdict(isOfThisTry ? verdict : NOT_JUDGED);
  if (standing === FAILED || standing === BLOCKED) return standing;
  if (nowMs >= (boards.unreachableAtMs[row] ?? 0)) return UNREACHABLE;
  if (standing === GATED) return GATED;
  return nowMs >= (boards.overdueAtMs[row] ?? 0) ? OVERDUE : standing;
}

const UNASSIGNED = standingCode('unassigned');
const QUEUED = standingCode('queued');
const GATED = standingCode('gated');
const BLOCKED = standingCode('blocked');
const FAILED = standingCode('failed');
const OVERDUE = standingCode('overdue');
const UNREACHABLE = standingCode('unreachable');
const UP_TO_DATE = standingCode('upToDate');

const NOT_JUDGED = verdictCode('none');
const PROVEN = verdictCode('upToDate');
