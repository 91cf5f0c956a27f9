// Fleets, rollouts and releases as the API shows them.

import { type DesiredState, formatFirmwareVersion, type Millis } from '@seatrial/spec';
import type { FleetView, ReleaseView, RolloutView } from './api.ts';
import { standingAt } from './diff.ts';
import { type FleetEntry, type Ledger, worldOf } from './ledger.ts';
import { advance, boardsLetIn } from './rollout.ts';
import { addTallies, NO_BOARDS } from './tallies.ts';

export function fleetView(ledger: Ledger, entry: FleetEntry, nowMs: Millis): FleetView {
  const { fleet, release, gitCommit, following, pinned } = entry;
  const of = (role: 'moved' | 'resting' | 'pinned') => ledger.tallies.of(ledger.groups.groupOf(fleet.name, role));
  const rollout = rolloutView(ledger, entry, nowMs);
  return {
    name: fleet.name,
    board: fleet.board,
    release: release.name,
    gitCommit,
    suspended: fleet.suspend,
    boards: following.length + pinned.size,
    standings: [of('moved'), of('resting'), of('pinned')].reduce(addTallies, NO_BOARDS),
    pinned: of('pinned'),
    ...(rollout && { rollout }),
  };
}

export function rolloutView(ledger: Ledger, entry: FleetEntry, nowMs: Millis): RolloutView | undefined {
  const rollout = ledger.rollouts.get(entry.fleet.name);
  if (rollout === undefined) return undefined;
  const world = worldOf(ledger, entry, nowMs);
  const { id, fleet, number, release, payloadHash, gitCommit, salt, startedAtMs, stage, attempt } = rollout;
  return {
    ...{ id, fleet, number, release, payloadHash, gitCommit, salt, startedAtMs, stage, attempt },
    stages: world.policy.stages.length,
    state: advance(rollout, world).state,
    cohort: world.cohort,
    letIn: boardsLetIn(rollout, world),
    moved: world.moved,
    resting: world.resting,
  };
}

export function releaseViews(ledger: Ledger, desired: DesiredState): readonly ReleaseView[] {
  const wanted = countByPayload(ledger);
  return desired.releases.map(({ name, board, payload, payloadHash, verified }) => {
    const counts = wanted.get(ledger.payloads.numberOf(payloadHash)) ?? { wantedBy: 0, upToDate: 0 };
    return {
      name,
      board,
      payloadHash,
      transaction: payload.transaction,
      verified,
      ...(payload.firmware && { firmware: formatFirmwareVersion(payload.firmware.version) }),
      ...(payload.os && { os: payload.os.commit }),
      fleets: desired.fleets.filter(({ release }) => release === name).map(fleet => fleet.name),
      ...counts,
    };
  });
}

function countByPayload({ boards }: Ledger): ReadonlyMap<number, { wantedBy: number; upToDate: number }> {
  const counts = new Map<number, { wantedBy: number; upToDate: number }>();
  for (let row = 0; row < boards.count; row += 1) {
    const wanted = boards.wanted[row] ?? 0;
    const count = counts.get(wanted) ?? { wantedBy: 0, upToDate: 0 };
    count.wantedBy += 1;
    if (standingAt(boards, row) === 'upToDate') count.upToDate += 1;
    counts.set(wanted, count);
  }
  return counts;
}
