// Why a board is not where git wants it: everything that holds it, the first thing first, each with who can lift it.
// Pure, so that it explains from a snapshot on a desk as well as from a running controller.

import { BLOCKED_REASONS, type Explanation, FAILURE_REASONS, PATIENT_REASONS } from '@seatrial/capsule-plan';
import type { DeviceId, Millis, Name } from '@seatrial/spec';
import type { Hold, HoldKind } from './hold.ts';
import type { RolloutState } from './rollout.ts';
import type { Standing } from './standing.ts';

export interface Why {
  readonly device: DeviceId;
  readonly standing: Standing;
  readonly summary: string;
  readonly holds: readonly Hold[];
}

export interface WhyInput {
  readonly device: DeviceId;
  readonly standing: Standing;
  readonly connected: boolean;
  /** Absent for a board that no fleet selects. */
  readonly wanted?: {
    readonly fleet: Name;
    readonly release: Name;
    readonly pinned: boolean;
    readonly suspended: boolean;
    readonly signed: boolean;
  };
  /** Absent for a pinned board, and where no controller is asked. */
  readonly rollout?: {
    readonly id: string;
    readonly state: RolloutState;
    readonly stage: number;
    readonly stages: number;
    /** The stage that lets the board in. */
    readonly stageOfBoard: number;
  };
  /** The controller's own judgement of the last report. */
  readonly verdict?: { readonly reason: string; readonly message: string; readonly untilMs?: Millis };
}

export function explain(input: WhyInput): Why {
  const { device, standing, wanted } = input;
  const holds = standing === 'upToDate' ? pinNote(input) : RULES.flatMap(rule => rule(input));
  const goal = wanted === undefined ? 'nothing' : `release ${wanted.release} of fleet ${wanted.fleet}`;
  const [first] = holds.filter(({ kind }) => kind !== 'pin');
  const summary =
    standing === 'upToDate'
      ? `${device} is proven to run ${goal}`
      : `${device} is ${STANDING_WORDS[standing]} on its way to ${goal}${first === undefined ? '' : `: ${first.message}`}`;
  return { device, standing, summary, holds };
}

const STANDING_WORDS: Readonly<Record<Standing, string>> = {
  unassigned: 'not wanted anywhere',
  queued: 'waiting for its turn',
  pending: 'told and has not begun',
  updating: 'at work',
  gated: 'held back',
  blocked: 'blocked',
  failed: 'stopped by a failure',
  overdue: 'late',
  unreachable: 'silent',
  upToDate: 'there',
};

type Rule = (input: WhyInput) => readonly Hold[];

/** From what somebody decided to what the board itself meets. */
const RULES: readonly Rule[] = [unclaimed, suspension, signatures, pinNote, turn, silence, boardsOwn];

function unclaimed({ wanted }: WhyInput): readonly Hold[] {
  if (wanted !== undefined) return [];
  const remedy = 'List the device in git with the labels that a fleet selects by.';
  return [{ kind: 'unclaimed', reason: 'unclaimed', message: 'no fleet in git selects this board', remedy }];
}

function suspension({ wanted }: WhyInput): readonly Hold[] {
  if (wanted?.suspended !== true) return [];
  const remedy = 'Set `suspend: false` in the fleet.';
  return [{ kind: 'suspend', reason: 'suspend', message: `fleet ${wanted.fleet} is suspended in git`, remedy }];
}

function signatures({ wanted }: WhyInput): readonly Hold[] {
  if (wanted === undefined || wanted.signed) return [];
  const message = `release ${wanted.release} lacks signatures of vendor or operator`;
  return [{ kind: 'signatures', reason: 'signatures', message, remedy: 'Sign the release, or merge its signatures.' }];
}

function pinNote({ wanted }: WhyInput): readonly Hold[] {
  if (wanted?.pinned !== true) return [];
  const message = `the board is pinned to release ${wanted.release} and takes no part in the rollout of fleet ${wanted.fleet}`;
  return [{ kind: 'pin', reason: 'pin', message, remedy: 'Remove `pin` from the device.' }];
}

/** Why its turn has not come. */
function turn({ standing, rollout }: WhyInput): readonly Hold[] {
  if (standing !== 'queued' || rollout === undefined) return [];
  const { id, state, stage, stages, stageOfBoard } = rollout;
  const message = `its turn comes with stage ${stageOfBoard} of ${stages}; ${id} is ${stage === 0 ? 'before the first' : `in stage ${stage}`}`;
  return [...stateHold(rollout.id, state), { kind: 'stage', reason: 'stage', message }];
}

function stateHold(id: string, state: RolloutState): readonly Hold[] {
  switch (state.kind) {
    case 'paused':
      return [
        {
          kind: 'pause',
          reason: state.reason,
          message: `${id} is paused: ${state.message}`,
          remedy: 'seatrial rollout resume, retry or promote; or revert the commit.',
        },
      ];
    case 'soaking':
      return [{ kind: 'soak', reason: 'soak', message: `${id}: ${state.message}`, untilMs: state.untilMs }];
    case 'waiting':
      return state.for === 'approval' || state.for === 'boards'
        ? [{ kind: state.for, reason: state.for, message: `${id}: ${state.message}` }]
        : state.for === 'a-board-that-can-act'
          ? [
              {
                kind: 'boards',
                reason: state.for,
                message: `${id}: ${state.message}`,
                remedy: 'seatrial rollout promote, or bring a board back.',
              },
            ]
          : [];
    case 'advancing':
    case 'done':
      return [];
  }
}

function silence({ standing, connected }: WhyInput): readonly Hold[] {
  if (standing === 'unreachable') {
    return [
      {
        kind: 'unreachable',
        reason: 'unreachable',
        message: 'the board has been silent for too long',
        remedy: 'See to its power and network.',
      },
    ];
  }
  if (connected || standing === 'queued' || standing === 'unassigned') return [];
  return [{ kind: 'unreachable', reason: 'not-connected', message: 'the board is not connected now' }];
}

/** What the board itself waits for, or failed by. */
function boardsOwn({ standing, verdict }: WhyInput): readonly Hold[] {
  if (!OWN.has(standing)) return [];
  const hold = verdict === undefined ? { reason: standing, message: 'the board has not told anything yet' } : verdict;
  return [{ kind: holdKind(standing, hold.reason), ...hold, ...remedyFor(standing, hold.reason) }];
}

const OWN: ReadonlySet<Standing> = new Set([
  'pending',
  'updating',
  'gated',
  'blocked',
  'failed',
  'overdue',
  'unreachable',
]);

function holdKind(standing: Standing, reason: string): HoldKind {
  if (standing === 'failed') return 'failure';
  if (standing === 'overdue') return 'overdue';
  return (
    HOLD_OF_REASON[reason] ??
    (standing === 'blocked' ? 'blocked' : standing === 'pending' ? 'plan-not-seen' : 'at-work')
  );
}

const HOLD_OF_REASON: Readonly<Record<string, HoldKind>> = {
  'window-closed': 'window',
  'clock-not-set': 'window',
  'download-network': 'network',
  'download-jitter': 'network',
  'gate-battery': 'gate',
  'gate-parked': 'gate',
  'gate-charging': 'gate',
  'gate-network': 'gate',
  'gate-maintenanceMode': 'gate',
  'gate-consent': 'gate',
  'firmware-below-floor': 'floor',
  'firmware-below-minimum-from': 'floor',
  'os-requires-firmware': 'floor',
};

/** What the board's own language says about the reason. */
const REMEDIES: Readonly<Record<string, Explanation>> = { ...PATIENT_REASONS, ...BLOCKED_REASONS, ...FAILURE_REASONS };

function remedyFor(standing: Standing, reason: string): { readonly remedy?: string } {
  const remedy =
    REMEDIES[reason]?.remedy ?? (standing === 'failed' ? 'seatrial rollout retry, or another release.' : undefined);
  return remedy === undefined ? {} : { remedy };
}
