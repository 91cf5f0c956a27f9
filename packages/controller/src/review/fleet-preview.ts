// What every observed board would do under a desired state: the heart of `seatrial plan`.

import { type Journal, type PlanTarget, type Preview, type PreviewedStep, preview } from '@seatrial/capsule-plan';
import type { DesiredState, DeviceId, DeviceTarget, Name, Sha256 } from '@seatrial/spec';
import { journalOf, type Snapshot, type SnapshotDevice } from './snapshot.ts';

/**
 * upToDate: runs what git says, proven. changing: would take the steps and get there. blocked: somebody must remove the named
 * obstacle first. failed: tried this very thing before and would not try again by itself. unselected: no fleet has it.
 */
export type Outcome = 'upToDate' | 'changing' | 'blocked' | 'failed' | 'unselected';

export interface BoardPreview {
  readonly device: DeviceId;
  readonly outcome: Outcome;
  readonly fleet?: Name;
  readonly release?: Name;
  readonly pinned: boolean;
  /** The fleet is suspended: none of the steps would be published. */
  readonly suspended: boolean;
  readonly steps: readonly PreviewedStep[];
  readonly failure?: Preview['failure'];
}

export interface FleetPreview {
  /** Sorted by device id. */
  readonly boards: readonly BoardPreview[];
  /** Boards that git has and the snapshot has not, sorted. */
  readonly unobserved: readonly DeviceId[];
}

export interface Selection {
  readonly devices?: ReadonlySet<string> | undefined;
  readonly fleets?: ReadonlySet<string> | undefined;
}

export function previewFleet(desired: DesiredState, snapshot: Snapshot, selection: Selection = {}): FleetPreview {
  const targets = new Map(desired.targets.map(target => [target.device, target]));
  const observed = new Set(snapshot.devices.map(({ device }) => device));
  const isMeant = (device: DeviceId): boolean =>
    selection.devices?.has(device) !== false &&
    (selection.fleets === undefined || selection.fleets.has(targets.get(device)?.fleet ?? ''));
  return {
    boards: snapshot.devices
      .filter(({ device }) => isMeant(device))
      .map(board => previewBoard(board, targets.get(board.device)))
      .sort((a, b) => (a.device < b.device ? -1 : 1)),
    unobserved: desired.targets.map(({ device }) => device).filter(device => isMeant(device) && !observed.has(device)),
  };
}

function previewBoard(board: SnapshotDevice, target: DeviceTarget | undefined): BoardPreview {
  const { device } = board;
  if (target === undefined) return { device, outcome: 'unselected', pinned: false, suspended: false, steps: [] };
  const { fleet, release, pinned, suspended } = target;
  const journal = journalOf(board);
  const { steps, ends, failure } = preview(board.observed, planTarget(target, journal), journal);
  return {
    device,
    outcome: ends === 'converged' ? (steps.length === 0 ? 'upToDate' : 'changing') : ends,
    fleet,
    release,
    pinned,
    suspended,
    steps,
    ...(failure === undefined ? {} : { failure }),
  };
}

/** What the board would be asked for, as the try that it is at: a preview asks for no retry that nobody asked for. */
export const planTarget = ({ board, payload, payloadHash, policy }: DeviceTarget, journal: Journal): PlanTarget => ({
  board,
  payload,
  payloadHash,
  policy,
  attempt: latestAttempt(journal, payloadHash),
});

/** The count of tries that the board knows for this payload. */
const latestAttempt = ({ attempt, success, failures }: Journal, payloadHash: Sha256): number =>
  [attempt, success, ...failures].reduce(
    (latest, key) => (key?.payloadHash === payloadHash ? Math.max(latest, key.attempt) : latest),
    1,
  );

/** How many boards there are of each outcome. */
export function countOutcomes(boards: readonly BoardPreview[]): Readonly<Record<Outcome, number>> {
  const counts = { upToDate: 0, changing: 0, blocked: 0, failed: 0, unselected: 0 } satisfies Record<Outcome, number>;
  for (const { outcome } of boards) counts[outcome] += 1;
  return counts;
}

/** Nothing that git says is still to come: the meaning of exit code 0. */
export const isAtRest = (boards: readonly BoardPreview[]): boolean =>
  boards.every(({ outcome }) => outcome === 'upToDate' || outcome === 'unselected');
