// The boards of a fleet in the order in which its rollout lets them in.

import { idOf } from './boards.ts';
import { cohortOrder } from './cohort.ts';
import { regroup } from './diff.ts';
import { type FleetEntry, type Ledger, roleIn } from './ledger.ts';

/** Puts the boards into the order of the rollout's salt, and counts those that it has moved as moved. */
export function lineUp(ledger: Ledger, { fleet, following }: FleetEntry): void {
  const { boards, groups, tallies } = ledger;
  const rollout = ledger.rollouts.get(fleet.name);
  if (rollout === undefined) return;
  const order = cohortOrder(
    rollout.salt,
    Array.from(following, row => idOf(boards, row)),
  );
  order.forEach((position, place) => {
    const row = following[position] ?? 0;
    boards.rank[row] = place;
    regroup(boards, tallies, row, groups.groupOf(fleet.name, roleIn(ledger, rollout, row)));
  });
}
