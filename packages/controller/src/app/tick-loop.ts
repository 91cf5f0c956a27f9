// What time alone changes: boards that fall silent or run late, soaks that end, plans that would expire.

import type { Millis, Name } from '@seatrial/spec';
import { NEVER } from '../domain/boards.ts';
import type { Ledger } from '../domain/ledger.ts';
import { restand } from '../domain/take-report.ts';
import type { Desk } from './desk.ts';
import type { LoopOutcome } from './loop.ts';
import { noteChange } from './note-change.ts';

export interface TickOptions {
  readonly desk: Desk;
  readonly tickMs: number;
  readonly planLifetimeMs: Millis;
}

/** Renewals of one tick: a fleet whose plans were all made together is renewed over many. */
const RENEWALS_PER_TICK = 1_000;

export async function tick({ desk, tickMs, planLifetimeMs }: TickOptions): Promise<LoopOutcome> {
  const { ledger } = desk;
  await desk.decide(draft => {
    for (const row of allRows(ledger)) {
      // The clock of a board that falls silent stops: when it speaks again, it gets the time that it could not use.
      const change = restand(ledger, row, draft.nowMs);
      if (change !== undefined) noteChange(ledger, draft, change);
    }
    for (const row of expiringRows(ledger, draft.nowMs + planLifetimeMs / 2)) {
      const fleet = fleetOfRow(ledger, row);
      if (fleet !== undefined) draft.lookAfter(fleet, [row]);
    }
    // A soak that ends changes no board: every rollout that is under way is asked.
    for (const [fleet, rollout] of ledger.rollouts) if (rollout.outcome === undefined) draft.lookAfter(fleet, []);
  });
  return { kind: 'again', afterMs: tickMs };
}

function* allRows({ boards }: Ledger): Iterable<number> {
  for (let row = 0; row < boards.count; row += 1) yield row;
}

function expiringRows({ boards }: Ledger, beforeMs: number): readonly number[] {
  const rows: number[] = [];
  for (let row = 0; row < boards.count && rows.length < RENEWALS_PER_TICK; row += 1) {
    const expiresAtMs = boards.expiresAtMs[row] ?? 0;
    const isOurs = boards.planned[row] === boards.wanted[row] && expiresAtMs !== NEVER && boards.generation[row] !== 0;
    if (isOurs && boards.group[row] !== 0 && expiresAtMs <= beforeMs) rows.push(row);
  }
  return rows;
}

const fleetOfRow = ({ boards, groups }: Ledger, row: number): Name | undefined =>
  groups.describe(boards.group[row] ?? 0)?.fleet;
