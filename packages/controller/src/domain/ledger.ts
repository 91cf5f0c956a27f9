// What the controller holds in memory: the boards in columns, the fleets as git has them, and their rollouts.
// Everything in it can be rebuilt from the store, and the store from git, the audit branch and the boards' reports.

import type {
  DeviceId,
  DeviceTarget,
  GitCommit,
  Millis,
  Name,
  ResolvedApproval,
  ResolvedFleet,
  ResolvedRelease,
} from '@seatrial/spec';
import { type Boards, emptyBoards, Numbering } from './boards.ts';
import { type GroupRole, Groups } from './groups.ts';
import type { PlanContent } from './plan-record.ts';
import type { Rollout, World } from './rollout.ts';
import { Tallies } from './tallies.ts';

export interface Ledger {
  readonly boards: Boards;
  readonly groups: Groups;
  tallies: Tallies;
  readonly payloads: Numbering;
  readonly contents: Numbering;
  readonly rolloutIds: Numbering;
  readonly fleets: Map<Name, FleetEntry>;
  /** The newest rollout of every fleet that ever had one. */
  readonly rollouts: Map<Name, Rollout>;
  /** Those before it, oldest first. */
  readonly history: Map<Name, readonly Rollout[]>;
  /** Failures that were told already, see board-failures.ts. */
  readonly told: Set<string>;
}

/** One fleet of the commit in force, with its boards as rows. */
export interface FleetEntry {
  /** Over all that the commit says about the fleet: equal ones ask for nothing new. */
  readonly fingerprint: string;
  readonly fleet: ResolvedFleet;
  readonly release: ResolvedRelease;
  /** The commit from which on the fleet wants this. */
  readonly gitCommit: GitCommit;
  /** What the boards that follow the release are told. */
  readonly content: PlanContent;
  readonly wanted: number;
  readonly signed: boolean;
  readonly approvals: readonly ResolvedApproval[];
  /** Rows of the boards that follow the release. */
  readonly following: Uint32Array;
  /** Rows of the others, each with what it is pinned to. */
  readonly pinned: ReadonlyMap<number, PinnedBoard>;
}

export interface PinnedBoard {
  readonly target: DeviceTarget;
  readonly content: PlanContent;
  readonly signed: boolean;
}

export function emptyLedger(): Ledger {
  return {
    boards: emptyBoards(),
    groups: new Groups(),
    tallies: new Tallies(),
    payloads: new Numbering(),
    contents: new Numbering(),
    rolloutIds: new Numbering(),
    fleets: new Map(),
    rollouts: new Map(),
    history: new Map(),
    told: new Set(),
  };
}

/** The fleet entry and, for a pinned board, its pin. */
export interface Assignment {
  readonly entry: FleetEntry;
  readonly row: number;
  readonly pin?: PinnedBoard;
}

/** Undefined for a board that no fleet selects. */
export function assignmentOf(ledger: Ledger, device: DeviceId): Assignment | undefined {
  const row = ledger.boards.rows.get(device);
  const group = row === undefined ? undefined : ledger.groups.describe(ledger.boards.group[row] ?? 0);
  const entry = group === undefined ? undefined : ledger.fleets.get(group.fleet);
  if (entry === undefined || row === undefined) return undefined;
  const pin = entry.pinned.get(row);
  return { entry, row, ...(pin === undefined ? {} : { pin }) };
}

/** How a board that follows its fleet's release is counted in a rollout. */
export const roleIn = ({ boards, rolloutIds }: Ledger, rollout: Rollout | undefined, row: number): GroupRole =>
  rollout !== undefined && boards.movedIn[row] === rolloutIds.numberOf(rollout.id) ? 'moved' : 'resting';

/** What the current rollout of a fleet must know of the world. */
export function worldOf(ledger: Ledger, { fleet, signed, approvals, following }: FleetEntry, nowMs: Millis): World {
  const tally = (role: GroupRole) => ledger.tallies.of(ledger.groups.groupOf(fleet.name, role));
  return {
    nowMs,
    policy: fleet.rollout,
    suspended: fleet.suspend,
    signed,
    cohort: following.length,
    moved: tally('moved'),
    resting: tally('resting'),
    approvals: approvals.map(({ role, stage, by }) => ({ role, stage, by, source: 'document' })),
  };
}
