// A new commit into the ledger: which board is to run what. Only fleets that the commit changed are touched.

import {
  type DesiredState,
  fingerprint,
  type GitCommit,
  InvariantError,
  type Millis,
  type Name,
  type ResolvedApproval,
  type ResolvedFleet,
  type ResolvedRelease,
} from '@seatrial/spec';
import { isUnheardOf, NOTHING, rowOf } from './boards.ts';
import { regroup } from './diff.ts';
import { NOBODY } from './groups.ts';
import { type FleetEntry, type Ledger, type PinnedBoard, roleIn } from './ledger.ts';
import { lineUp } from './line-up.ts';
import { type PlanContent, planContent } from './plan-record.ts';

export interface AssignOptions {
  readonly gitCommit: GitCommit;
  /** Releases and approvals count only with signatures that reach their thresholds. */
  readonly requireSignatures: boolean;
  /** When a board of which nothing was ever heard begins to count as unreachable. */
  readonly unheardUntilMs: Millis;
}

export interface Assigned {
  /** Fleets that the commit changed or brought. */
  readonly changed: readonly Name[];
  /** Fleets that git no longer has. */
  readonly gone: readonly Name[];
  /** Rows of boards that these fleets have or had. */
  readonly touched: readonly number[];
}

/** Brings the ledger's fleets to what the commit says. The standings are brought up to date by the caller's next diff. */
export function assign(ledger: Ledger, desired: DesiredState, options: AssignOptions): Assigned {
  const views = viewsOf(desired, options);
  const changed = [...views.values()].filter(view => !isSame(ledger.fleets.get(view.fleet.name), view));
  const gone = [...ledger.fleets.keys()].filter(name => !views.has(name));
  const names = changed.map(({ fleet }) => fleet.name);
  const touched = new Set([...gone, ...names].flatMap(name => rowsOf(ledger, name)));
  for (const row of touched) leave(ledger, row);
  for (const name of gone) ledger.fleets.delete(name);
  for (const view of changed) for (const row of enter(ledger, view, options)) touched.add(row);
  return { changed: names, gone, touched: [...touched] };
}

/** Rows whose last report must be judged anew, because it was judged for something else. */
export const unjudged = ({ boards }: Ledger, rows: readonly number[]): readonly number[] =>
  rows.filter(
    row => boards.wanted[row] !== NOTHING && boards.reported[row] !== 0 && boards.judged[row] !== boards.wanted[row],
  );

/** One fleet as the commit has it. */
interface FleetView {
  readonly fleet: ResolvedFleet;
  readonly release: ResolvedRelease;
  readonly content: PlanContent;
  readonly signed: boolean;
  readonly approvals: readonly ResolvedApproval[];
  readonly pins: readonly PinnedBoard[];
  /** Over everything above. */
  readonly fingerprint: string;
}

function viewsOf(desired: DesiredState, { requireSignatures }: AssignOptions): ReadonlyMap<Name, FleetView> {
  const counts = ({ verified }: { readonly verified: boolean }) => verified || !requireSignatures;
  const releases = new Map(desired.releases.map(release => [release.name, release]));
  const boards = new Map(desired.boards.map(board => [board.name, board]));
  const pinned = desired.targets.filter(target => target.pinned);
  const releaseOf = (name: Name) => known(releases.get(name), name);
  const views = desired.fleets.map(fleet => {
    const release = releaseOf(fleet.release);
    const { policy } = fleet;
    const content = planContent({
      board: known(boards.get(fleet.board), fleet.board),
      payload: release.payload,
      policy,
    });
    const approvals = desired.approvals.filter(
      approval => approval.fleet === fleet.name && approval.release === release.name && counts(approval),
    );
    const pins = pinned
      .filter(target => target.fleet === fleet.name)
      .map(target => ({
        target,
        content: planContent(target),
        signed: counts(releaseOf(target.release)),
      }));
    return withFingerprint({ fleet, release, content, signed: counts(release), approvals, pins });
  });
  return new Map(views.map(view => [view.fleet.name, view]));
}

function withFingerprint(view: Omit<FleetView, 'fingerprint'>): FleetView {
  const { members, ...fleet } = view.fleet;
  const summary: unknown = {
    fleet,
    release: view.release.name,
    content: view.content.hash,
    signed: view.signed,
    approvals: view.approvals.map(({ role, stage, by }) => `${stage} ${role} ${by}`),
    pins: view.pins.map(
      ({ target, content, signed }) => `${target.device} ${target.release} ${content.hash} ${signed}`,
    ),
    members: members.join(' '),
  };
  return { ...view, fingerprint: fingerprint(summary as Record<string, string>) }; // resolved documents are plain JSON
}

const isSame = (entry: FleetEntry | undefined, view: FleetView): boolean => entry?.fingerprint === view.fingerprint;

/** Gives the fleet's boards their wanted payload and their group. Boards that its rollout has moved stay moved. */
function enter(ledger: Ledger, view: FleetView, { gitCommit, unheardUntilMs }: AssignOptions): readonly number[] {
  const { boards, groups, payloads, tallies } = ledger;
  const { fleet, release, pins, ...shared } = view;
  const wanted = payloads.numberOf(release.payloadHash);
  const pinned = new Map(pins.map(pin => [rowOf(boards, pin.target.device), pin]));
  const rows = fleet.members.map(id => rowOf(boards, id));
  const before = ledger.fleets.get(fleet.name);
  const entry: FleetEntry = {
    ...shared,
    fleet,
    release,
    gitCommit: before?.wanted === wanted ? before.gitCommit : gitCommit,
    wanted,
    following: Uint32Array.from(rows.filter(row => !pinned.has(row))),
    pinned,
  };
  ledger.fleets.set(fleet.name, entry);
  for (const row of rows) {
    const pin = pinned.get(row);
    if (isUnheardOf(boards, row)) boards.unreachableAtMs[row] = unheardUntilMs;
    boards.wanted[row] = pin === undefined ? wanted : payloads.numberOf(pin.target.payloadHash);
    const role = pin === undefined ? roleIn(ledger, ledger.rollouts.get(fleet.name), row) : 'pinned';
    regroup(boards, tallies, row, groups.groupOf(fleet.name, role));
  }
  lineUp(ledger, entry);
  return rows;
}

function leave({ boards, tallies }: Ledger, row: number): void {
  boards.wanted[row] = NOTHING;
  regroup(boards, tallies, row, NOBODY);
}

const rowsOf = (ledger: Ledger, name: Name): readonly number[] => {
  const entry = ledger.fleets.get(name);
  return entry === undefined ? [] : [...entry.following, ...entry.pinned.keys()];
};

const known = <T>(found: T | undefined, name: Name): T => {
  if (found === undefined) throw new InvariantError(`${name} is missing in a validated commit`);
  return found;
};
