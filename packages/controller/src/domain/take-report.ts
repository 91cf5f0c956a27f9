// What one report changes: the board's row, its verdict, and how it stands. Costs the same whatever the size of the fleet.

import { judgeReport, type PlanTarget, type Report, type Verdict } from '@seatrial/capsule-plan';
import type { Millis, Sha256 } from '@seatrial/spec';
import { NEVER, NOTHING, rowOf } from './boards.ts';
import { type Change, diffBoard } from './diff.ts';
import { type Assignment, assignmentOf, type Ledger } from './ledger.ts';
import { type Standing, verdictCode } from './standing.ts';

/** The controller's own judgement of a board, and what it is about. */
export interface Judgement extends Verdict {
  readonly payloadHash: Sha256;
  readonly attempt: number;
}

export interface TakenReport {
  readonly row: number;
  /** Undefined for a board from which no fleet wants anything. */
  readonly judgement?: Judgement;
  readonly change?: Change;
}

/** Undefined for a report that is not newer than what is known. One that is live, not retained, proves its board connected. */
export function takeReport(
  ledger: Ledger,
  report: Report,
  { nowMs, isLive }: { readonly nowMs: Millis; readonly isLive: boolean },
): TakenReport | undefined {
  const { boards } = ledger;
  const row = rowOf(boards, report.device);
  if (report.sequence < (boards.reported[row] ?? 0)) return undefined;
  boards.reported[row] = report.sequence + 1;
  if (isLive) boards.unreachableAtMs[row] = NEVER;
  adoptPlan(ledger, row, report);
  const judgement = judge(ledger, row, report);
  const change = restand(ledger, row, nowMs);
  return { row, ...(judgement && { judgement }), ...(change && { change }) };
}

/** Judges a report for what is wanted of its board now. Undefined for a board from which no fleet wants anything. */
export function judgementOf(ledger: Ledger, report: Report): Judgement | undefined {
  const assignment = assignmentOf(ledger, report.device);
  if (assignment === undefined) return undefined;
  const target = targetOf(ledger, assignment);
  const { payloadHash, attempt } = target;
  return { payloadHash, attempt, ...(doomed(report, target) ?? judgeReport(report, target)) };
}

/** The same, and remembers it; also used on a stored report when git wants something new. */
export function judge(ledger: Ledger, row: number, report: Report): Judgement | undefined {
  const judgement = judgementOf(ledger, report);
  if (judgement !== undefined) recordVerdict(ledger, row, judgement);
  return judgement;
}

export function recordVerdict({ boards, payloads }: Ledger, row: number, judgement: Judgement): void {
  boards.judged[row] = payloads.numberOf(judgement.payloadHash);
  boards.judgedAttempt[row] = judgement.attempt;
  boards.verdict[row] = verdictCode(judgement.kind);
}

/** What a board is to become, as the board itself would infer its steps from it. */
export function targetOf({ boards, rollouts }: Ledger, { entry, row, pin }: Assignment): PlanTarget {
  const { content } = pin ?? entry;
  const isPlanned = boards.planned[row] === boards.wanted[row];
  const next = pin === undefined ? (rollouts.get(entry.fleet.name)?.attempt ?? 1) : 1;
  return {
    board: content.board,
    payload: content.payload,
    policy: content.policy,
    payloadHash: pin === undefined ? entry.release.payloadHash : pin.target.payloadHash,
    attempt: isPlanned ? (boards.attempt[row] ?? next) : next,
  };
}

/** An attempt that is known to go back has failed, although the board is still busy with it. */
function doomed({ attempt }: Report, target: PlanTarget): Verdict | undefined {
  if (attempt?.failure === undefined) return undefined;
  if (attempt.payloadHash !== target.payloadHash || attempt.attempt !== target.attempt) return undefined;
  return { kind: 'failed', reason: attempt.failure.reason, message: attempt.failure.message };
}

/**
 * A board that has seen a plan newer than our newest, or another one under the same number, speaks of one that our
 * database has lost. Its generation is taken over, and what it was told counts as unknown, so that it is told again.
 */
function adoptPlan(ledger: Ledger, row: number, { plan }: Report): void {
  const { boards, payloads, contents, rollouts, rolloutIds } = ledger;
  if (plan === undefined || !isBeyondUs(ledger, row, plan)) return;
  boards.generation[row] = plan.generation;
  boards.planned[row] = payloads.numberOf(plan.payloadHash);
  boards.attempt[row] = plan.attempt;
  boards.content[row] = contents.numberOf('');
  boards.expiresAtMs[row] = NEVER;
  const mover = [...rollouts.values()].find(
    ({ payloadHash, gitCommit }) => payloadHash === plan.payloadHash && gitCommit === plan.gitCommit,
  );
  boards.movedIn[row] = mover === undefined ? NOTHING : rolloutIds.numberOf(mover.id);
}

/** A board refuses another plan under a number that it has seen: without this it would never hear of ours. */
function isBeyondUs({ boards, payloads }: Ledger, row: number, plan: NonNullable<Report['plan']>): boolean {
  const newest = boards.generation[row] ?? 0;
  if (plan.generation !== newest) return plan.generation > newest;
  return boards.planned[row] !== payloads.numberOf(plan.payloadHash) || boards.attempt[row] !== plan.attempt;
}

/* ---- Time ---- */

const ACTING: ReadonlySet<Standing> = new Set(['pending', 'updating']);

/**
 * Diffs one board and keeps its clock: the time of a board that can act runs from the moment it could, and stands still
 * while it can not.
 */
export function restand(ledger: Ledger, row: number, nowMs: Millis): Change | undefined {
  const { boards, tallies, groups, fleets } = ledger;
  const change = diffBoard(boards, tallies, row, nowMs);
  if (change === undefined || change.after === 'overdue') return change;
  const fleet = groups.describe(boards.group[row] ?? 0)?.fleet;
  const timeoutMs = fleet === undefined ? undefined : fleets.get(fleet)?.fleet.rollout.deviceTimeoutMs;
  if (!ACTING.has(change.after)) boards.overdueAtMs[row] = NEVER;
  else if (boards.overdueAtMs[row] === NEVER) boards.overdueAtMs[row] = nowMs + (timeoutMs ?? NEVER);
  return change;
}

/** Connected, or silent since a moment after which `silenceMs` may pass. */
export function takePresence(
  ledger: Ledger,
  row: number,
  presence: { readonly online: boolean; readonly unreachableAtMs: Millis },
  nowMs: Millis,
): Change | undefined {
  ledger.boards.unreachableAtMs[row] = presence.online ? NEVER : presence.unreachableAtMs;
  return restand(ledger, row, nowMs);
}
