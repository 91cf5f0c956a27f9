// Whose doing it is that a board is to run what it runs: the words in git, and the decisions that brought them to this board.

import type { DesiredState, DeviceId, DeviceTarget, Name, ResolvedApproval } from '@seatrial/spec';
import { cohortOrder } from './cohort.ts';
import type { DecisionKind, RecordedDecision } from './decision.ts';
import type { Rollout } from './rollout.ts';

export interface Blame {
  readonly device: DeviceId;
  /** Absent for a board that no fleet selects: nobody wants anything of it. */
  readonly target?: DeviceTarget;
  /** The newest rollout of the fleet that brings this payload; absent for a pinned board, and before anything was decided. */
  readonly rollout?: Rollout;
  readonly turn?: Turn;
  /** Those in git that let the payload into stages on the way to this board. */
  readonly approvals: readonly ResolvedApproval[];
  /** What was decided on the way to this board, oldest first. */
  readonly decisions: readonly RecordedDecision[];
}

/** The board's place in the order of the rollout, as the fleet is now. */
export interface Turn {
  /** From 1. */
  readonly place: number;
  readonly cohort: number;
  /** The stage that lets it in, from 1; absent while none does. */
  readonly stage?: number;
}

/** What of the audit branch is needed; see AuditHistory. */
export interface Recorded {
  readonly decisions: readonly RecordedDecision[];
  readonly rollouts: readonly Rollout[];
}

/** Undefined for a device that git does not list. */
export function blame(device: DeviceId, desired: DesiredState, recorded: Recorded): Blame | undefined {
  if (!desired.devices.some(({ id }) => id === device)) return undefined;
  const target = desired.targets.find(one => one.device === device);
  if (target === undefined || target.pinned) return { device, approvals: [], decisions: [], ...(target && { target }) };
  const rollout = recorded.rollouts
    .filter(({ fleet, payloadHash }) => fleet === target.fleet && payloadHash === target.payloadHash)
    .reduce<Rollout | undefined>((newest, one) => (one.number > (newest?.number ?? 0) ? one : newest), undefined);
  if (rollout === undefined) return { device, target, approvals: [], decisions: [] };
  const story = recorded.decisions.filter(({ decision }) => 'rollout' in decision && decision.rollout === rollout.id);
  const turn = turnOf(device, rollout, followersOf(target.fleet, desired), story);
  return {
    device,
    target,
    rollout,
    turn,
    approvals: desired.approvals.filter(one => opens(one, target, turn)),
    decisions: story.filter(one => concerns(one, device, turn)),
  };
}

const opens = ({ fleet, release, stage }: ResolvedApproval, target: DeviceTarget, turn: Turn): boolean =>
  fleet === target.fleet && release === target.release && stage <= (turn.stage ?? Number.POSITIVE_INFINITY);

const followersOf = (fleet: Name, { targets }: DesiredState): readonly DeviceId[] =>
  targets.filter(one => one.fleet === fleet && !one.pinned).map(one => one.device);

function turnOf(
  device: DeviceId,
  { salt, outcome, stage }: Rollout,
  followers: readonly DeviceId[],
  story: readonly RecordedDecision[],
): Turn {
  const order = cohortOrder(salt, followers);
  const place = order.indexOf(followers.indexOf(device)) + 1;
  const opened = story.flatMap(({ decision }) =>
    decision.kind === 'stage-entered' && decision.boards >= place ? [decision.stage] : [],
  );
  const letIn = opened.length > 0 ? Math.min(...opened) : outcome === 'completed' ? stage : undefined;
  return { place, cohort: followers.length, ...(letIn !== undefined && { stage: letIn }) };
}

/** Decisions about other boards, and about stages that came after this board's, explain nothing here. */
function concerns(
  { decision }: RecordedDecision,
  device: DeviceId,
  { stage = Number.POSITIVE_INFINITY }: Turn,
): boolean {
  if ('device' in decision) return decision.device === device;
  return !('stage' in decision) || !OF_A_STAGE.has(decision.kind) || decision.stage <= stage;
}

const OF_A_STAGE: ReadonlySet<DecisionKind> = new Set<DecisionKind>([
  'stage-approved',
  'stage-entered',
  'soak-started',
  'stage-promoted',
]);
