// What the store remembers, back into the ledger: the first thing after a start.

import type { Name } from '@seatrial/spec';
import { failuresTold } from '../domain/board-failures.ts';
import { NEVER, rowOf } from '../domain/boards.ts';
import { diffAll } from '../domain/diff.ts';
import type { Ledger } from '../domain/ledger.ts';
import type { Rollout } from '../domain/rollout.ts';
import { recordVerdict } from '../domain/take-report.ts';
import type { Store, StoredBoard } from '../ports/store.ts';

/** A fleet's earlier rollouts are looked at to name what a new one returns to. */
const ROLLOUTS_KEPT = 20;
const FAILURES_KEPT = 100_000;

export async function recover(
  ledger: Ledger,
  store: Store,
  { nowMs, unreachableAfterMs }: { readonly nowMs: number; readonly unreachableAfterMs: number },
): Promise<void> {
  const history = new Map<Name, readonly Rollout[]>();
  for (const rollout of await store.rollouts(ROLLOUTS_KEPT)) {
    history.set(rollout.fleet, [...(history.get(rollout.fleet) ?? []), rollout]);
  }
  for (const [fleet, rollouts] of history) {
    const newest = rollouts.at(-1);
    if (newest !== undefined) ledger.rollouts.set(fleet, newest);
    ledger.history.set(fleet, rollouts.slice(0, -1));
  }
  for (const key of failuresTold(await store.decisions('board-failed', FAILURES_KEPT))) ledger.told.add(key);
  for await (const board of store.boards()) restore(ledger, board, unreachableAfterMs);
  ledger.tallies = diffAll(ledger.boards, nowMs);
}

function restore(
  ledger: Ledger,
  { device, report, judgement, presence, overdueAtMs, plan }: StoredBoard,
  silenceMs: number,
) {
  const { boards, payloads, contents, rolloutIds } = ledger;
  const row = rowOf(boards, device);
  if (report !== undefined) boards.reported[row] = report.sequence + 1;
  if (judgement !== undefined) recordVerdict(ledger, row, judgement);
  if (presence !== undefined) boards.unreachableAtMs[row] = presence.online ? NEVER : presence.sinceMs + silenceMs;
  if (overdueAtMs !== undefined) boards.overdueAtMs[row] = overdueAtMs;
  if (plan === undefined) return;
  boards.planned[row] = payloads.numberOf(plan.payloadHash);
  boards.attempt[row] = plan.attempt;
  boards.content[row] = contents.numberOf(plan.content);
  boards.generation[row] = plan.generation;
  boards.expiresAtMs[row] = plan.expiresAtMs;
  if (plan.movedIn !== undefined) boards.movedIn[row] = rolloutIds.numberOf(plan.movedIn);
}
