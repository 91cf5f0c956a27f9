// A plan for one board: the record to store, and the columns as they are once the board has been given it.

import type { Generation, Millis, Name, Sha256 } from '@seatrial/spec';
import { idOf, NOTHING } from './boards.ts';
import { jitterOf } from './cohort.ts';
import { type Change, diffBoard, regroup, standingAt } from './diff.ts';
import type { FleetEntry, Ledger, PinnedBoard } from './ledger.ts';
import { type PlanCause, planCause, type Turn } from './plan-cause.ts';
import type { PlanContent, PlanRecord } from './plan-record.ts';
import type { Rollout } from './rollout.ts';

/** How long plans hold; they are made anew when half of it is gone. */
export interface PlanTerms {
  readonly nowMs: Millis;
  readonly lifetimeMs: Millis;
}

export interface Gift {
  readonly row: number;
  readonly record: PlanRecord;
  readonly content: PlanContent;
  /** A board that has failed this very try before stands as failed at once. */
  readonly change?: Change;
}

export interface Lookout extends PlanTerms {
  readonly entry: FleetEntry;
  readonly rollout: Rollout;
  /** How many boards of the cohort may be in motion. */
  readonly letIn: number;
}

/** Looks at one board of the fleet and gives it a plan if there is cause. */
export function lookAfter(ledger: Ledger, row: number, lookout: Lookout): Gift | undefined {
  const want = wantOf(lookout, row);
  const turn = turnOf(ledger, row, want, lookout);
  const cause = planCause(turn);
  return cause === undefined ? undefined : give(ledger, row, want, lookout, { cause, turn });
}

/** What is wanted of a board: by its fleet, or by its pin. */
interface Want {
  readonly release: Name;
  readonly payloadHash: Sha256;
  readonly content: PlanContent;
  readonly pin?: PinnedBoard;
}

function wantOf({ entry }: Lookout, row: number): Want {
  const pin = entry.pinned.get(row);
  if (pin === undefined)
    return { release: entry.release.name, payloadHash: entry.release.payloadHash, content: entry.content };
  const { release, payloadHash } = pin.target;
  return { release, payloadHash, content: pin.content, pin };
}

function turnOf(
  ledger: Ledger,
  row: number,
  { content, pin }: Want,
  { entry, rollout, letIn, ...terms }: Lookout,
): Turn {
  const { boards } = ledger;
  const isPlanned = boards.planned[row] === boards.wanted[row];
  const attempt = boards.attempt[row] ?? 0;
  const halfLife = (boards.expiresAtMs[row] ?? 0) - terms.lifetimeMs / 2;
  return {
    standing: standingAt(boards, row),
    isSigned: (pin ?? entry).signed,
    isLetIn: pin === undefined ? (boards.rank[row] ?? 0) < letIn : pin.signed,
    isMoved: pin === undefined ? boards.movedIn[row] === ledger.rolloutIds.numberOf(rollout.id) : isPlanned,
    isPlanned,
    isTold: boards.content[row] === ledger.contents.numberOf(content.hash),
    attempt,
    attemptWanted: pin === undefined ? rollout.attempt : Math.max(attempt, 1),
    expiresSoon: terms.nowMs >= halfLife,
  };
}

interface Reason {
  readonly cause: PlanCause;
  readonly turn: Turn;
}

function give(ledger: Ledger, row: number, want: Want, lookout: Lookout, { cause, turn }: Reason): Gift {
  const { boards, groups, payloads, contents, rolloutIds, tallies } = ledger;
  const { entry, rollout, nowMs } = lookout;
  const record = recordFor(ledger, row, want, lookout, { cause, turn });
  boards.planned[row] = payloads.numberOf(want.payloadHash);
  boards.attempt[row] = record.attempt;
  boards.content[row] = contents.numberOf(want.content.hash);
  boards.generation[row] = record.generation;
  boards.expiresAtMs[row] = record.expiresAtMs;
  boards.movedIn[row] = record.movedIn === undefined ? NOTHING : rolloutIds.numberOf(record.movedIn);
  if (cause === 'starts' || cause === 'tries-again')
    boards.overdueAtMs[row] = nowMs + entry.fleet.rollout.deviceTimeoutMs;
  if (record.movedIn === rollout.id) regroup(boards, tallies, row, groups.groupOf(entry.fleet.name, 'moved'));
  const change = diffBoard(boards, tallies, row, nowMs);
  return { row, record, content: want.content, ...(change && { change }) };
}

function recordFor(ledger: Ledger, row: number, want: Want, lookout: Lookout, { cause, turn }: Reason): PlanRecord {
  const { entry, rollout, nowMs, lifetimeMs } = lookout;
  const device = idOf(ledger.boards, row);
  const keeps = cause === 'is-told-otherwise' || cause === 'runs-out';
  const movedIn = want.pin !== undefined || cause === 'is-there' ? undefined : rollout.id;
  const isMoved = keeps ? turn.isMoved : cause !== 'is-there';
  const notBeforeMs = nowMs + jitterOf(device, want.payloadHash, want.content.policy.download.jitterMs);
  return {
    device,
    generation: ((ledger.boards.generation[row] ?? 0) + 1) as Generation, // one more than a generation is one
    fleet: entry.fleet.name,
    release: want.release,
    gitCommit: entry.gitCommit,
    payloadHash: want.payloadHash,
    attempt: keeps ? turn.attempt : turn.attemptWanted,
    policyHash: entry.fleet.policyHash,
    content: want.content.hash,
    issuedAtMs: nowMs,
    expiresAtMs: (nowMs + lifetimeMs) as Millis, // a moment plus a length of time
    ...(cause !== 'is-there' && notBeforeMs > nowMs ? { downloadNotBeforeMs: notBeforeMs as Millis } : {}),
    ...(movedIn !== undefined && isMoved ? { movedIn } : {}),
  };
}
