// What follows from a look at a board: its clock is kept, and if it stands otherwise than before, it is told, it may count as
// a failure, and its fleet is looked after.

import type { Millis } from '@seatrial/spec';
import { boardEvent } from '../domain/board-events.ts';
import { boardFailure } from '../domain/board-failures.ts';
import { idOf, NEVER } from '../domain/boards.ts';
import type { Change } from '../domain/diff.ts';
import type { Ledger } from '../domain/ledger.ts';
import { restand } from '../domain/take-report.ts';
import type { Draft } from './draft.ts';

/** Why the board stands as it does, in its own words. */
export interface Reason {
  readonly reason: string;
  readonly message: string;
}

/** Looks at a board anew because git, not the board, has changed: nothing is told of it. */
export function lookQuietly(ledger: Ledger, draft: Draft, row: number): void {
  const clock = ledger.boards.overdueAtMs[row];
  restand(ledger, row, draft.nowMs);
  if (ledger.boards.overdueAtMs[row] !== clock) noteClock(ledger, draft, row);
}

export function noteChange(ledger: Ledger, draft: Draft, change: Change, reason?: Reason): void {
  const device = idOf(ledger.boards, change.row);
  noteClock(ledger, draft, change.row);
  const fleet = ledger.groups.describe(ledger.boards.group[change.row] ?? 0)?.fleet;
  const failure = boardFailure(ledger, change, reason);
  const event = boardEvent(device, change, reason?.message);
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
