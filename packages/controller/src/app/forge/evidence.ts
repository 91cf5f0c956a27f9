// What is known of the boards that failed in a rollout, and of those that can not go back: from decisions and reports.

import { decodeReport, inferStep, journalOf, learn, type PlanTarget, type Report } from '@seatrial/capsule-plan';
import type { DeviceId } from '@seatrial/spec';
import { idOf } from '../../domain/boards.ts';
import type { RecordedDecision } from '../../domain/decision.ts';
import { standingAt } from '../../domain/diff.ts';
import type { FleetEntry, Ledger } from '../../domain/ledger.ts';
import type { Rollout } from '../../domain/rollout.ts';
import type { FailedBoard, FailureSample } from '../../domain/talk/fleet-progress.ts';
import type { Store } from '../../ports/store.ts';

const MOST_FAILURES = 10_000;
const SHOWN = 20;
const REPORTS_AT_A_TIME = 500;

/** Every failure that was decided, newest last in each rollout. */
export async function failuresByRollout(store: Store): Promise<ReadonlyMap<string, readonly FailedBoard[]>> {
  const recorded = [...(await store.decisions('board-failed', MOST_FAILURES))].sort((a, b) => a.atMs - b.atMs);
  const found = new Map<string, Map<DeviceId, FailedBoard>>();
  for (const { decision } of recorded as readonly RecordedDecision[]) {
    if (decision.kind !== 'board-failed') continue;
    const { device, reason, message } = decision;
    const boards = found.get(decision.rollout) ?? new Map<DeviceId, FailedBoard>();
    boards.set(device, { device, reason, message });
    found.set(decision.rollout, boards);
  }
  return new Map([...found].map(([rollout, boards]) => [rollout, [...boards.values()]]));
}

/**
 * Of the newest rollout of a fleet: those that are still broken, and how many of them are back at what they ran before. Those
 * in `known` are back already, so that their reports need not be read; it is added to.
 */
export async function failureSample(
  { ledger, store }: { readonly ledger: Ledger; readonly store: Store },
  failed: readonly FailedBoard[],
  known: Set<string>,
): Promise<FailureSample> {
  const broken = failed.filter(({ device }) => isBroken(ledger, device));
  const open = broken.filter(({ device }) => !known.has(keyOf(ledger, device)));
  const devices = open.map(({ device }) => device);
  for await (const report of reportsOf(store, devices)) {
    if (isBack(ledger, report)) known.add(keyOf(ledger, report.device));
  }
  const back = broken.filter(({ device }) => known.has(keyOf(ledger, device))).length;
  return { count: broken.length, first: broken.slice(0, SHOWN), back };
}

/** Of a rollout that has ended: what was decided in it. */
export const pastSample = (failed: readonly FailedBoard[]): FailureSample => ({
  count: failed.length,
  first: failed.slice(0, SHOWN),
  back: 0,
});

/** A board, and which of its tries at what. */
function keyOf({ boards }: Ledger, device: DeviceId): string {
  const row = boards.rows.get(device) ?? -1;
  return `${device} ${boards.planned[row]} ${boards.attempt[row]}`;
}

function isBroken({ boards }: Ledger, device: DeviceId): boolean {
  const row = boards.rows.get(device);
  const standing = row === undefined ? 'unassigned' : standingAt(boards, row);
  return standing === 'failed' || standing === 'overdue';
}

/** Its attempt is over, and it has reported so. */
function isBack({ boards }: Ledger, { device, attempt }: Report): boolean {
  const row = boards.rows.get(device);
  return row !== undefined && standingAt(boards, row) === 'failed' && attempt === undefined;
}

export interface Stuck {
  readonly count: number;
  readonly first: readonly DeviceId[];
}

/** The boards of a rollout that would refuse what they ran before, because their firmware may not go back [UEFI-23.4]. */
export async function stuckBoards(
  { ledger, store }: { readonly ledger: Ledger; readonly store: Store },
  { rollout, entry, target }: { readonly rollout: Rollout; readonly entry: FleetEntry; readonly target: PlanTarget },
): Promise<Stuck> {
  const { boards, rolloutIds } = ledger;
  const id = rolloutIds.numberOf(rollout.id);
  const moved = [...entry.following].filter(row => boards.movedIn[row] === id).map(row => idOf(boards, row));
  const stuck: DeviceId[] = [];
  for await (const report of reportsOf(store, moved)) if (isBelowFloor(report, target)) stuck.push(report.device);
  return { count: stuck.length, first: stuck.sort().slice(0, SHOWN) };
}

/** As the board itself would decide. */
function isBelowFloor(report: Report, target: PlanTarget): boolean {
  const inference = inferStep(report.observed, target, learn(report.observed, target, journalOf(report)));
  if (inference.kind !== 'step' || inference.step.kind !== 'wait') return false;
  return inference.step.reason === 'firmware-below-floor';
}

async function* reportsOf(store: Store, devices: readonly DeviceId[]): AsyncIterable<Report> {
  for (let at = 0; at < devices.length; at += REPORTS_AT_A_TIME) {
    for (const { body } of await store.reports(devices.slice(at, at + REPORTS_AT_A_TIME))) {
      const report = decodeReport(body);
      if (report.ok) yield report.value;
    }
  }
}
