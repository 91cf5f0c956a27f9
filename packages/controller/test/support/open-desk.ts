// A desk over a store, as after a start: with a clock that stands still, and nobody to complain to.

import { type Clock, millis } from '@seatrial/spec';
import { Desk } from '../../src/app/desk.ts';
import { emptyLedger, type Ledger } from '../../src/domain/ledger.ts';
import type { Store } from '../../src/ports/store.ts';
import { NOW_MS } from './told-board.ts';

export const STANDING_CLOCK: Clock = { now: () => millis(NOW_MS) };

export async function openDesk(store: Store, ledger: Ledger = emptyLedger(), clock = STANDING_CLOCK): Promise<Desk> {
  const meta = await store.meta();
  return new Desk({ clock, store, ledger, meta, planLifetimeMs: millis(1), onProblem: () => {} });
}
