// What follows from a board that stands otherwise than before: its clock is kept, it is told, it may count as a failure,
// and its fleet is looked after.

import type { Millis } from '@seatrial/spec';
import { boardEvent } from '../domain/board-events.ts';
import { boardFailure } from '../domain/board-failures.ts';
import { idOf, NEVER } from '../domain/boards.ts';
import type { Change } from '../domain/diff.ts';
import type { Ledger } from '../domain/ledger.ts';
import type { Draft } from './draft.ts';

export function noteChange(
  ledger: Ledger,
  draft: Draft,
  change: Change,
  verdict?: { readonly reason: string; readonly message: string },
): void {
  const device = idOf(ledger.boards, change.row);
  noteClock(ledger, draft, change.row);
  const fleet = ledger.groups.describe(ledger.boards.group[change.row] ?? 0)?.fleet;
  const failure = boardFailure(ledger, change, verdict);
  const event = boardEvent(device, change, verdict?.message);
  if (failure !== undefined) draft.decide(failure);
  else if (event !== undefined) draft.tell({ ...event, device, ...(fleet && { fleet }) });
  if (fleet !== undefined) draft.lookAfter(fleet, [change.row]);
}

/** Keeps the moment at which the board will be overdue, or that it has none. */
export function noteClock({ boards }: Ledger, draft: Draft, row: number): void {
  const overdueAtMs = boards.overdueAtMs[row] ?? NEVER;
  draft.clocks.push({
    device: idOf(boards, row),
    ...(overdueAtMs === NEVER ? {} : { overdueAtMs: overdueAtMs as Millis }), // the column holds moments
  });
}
