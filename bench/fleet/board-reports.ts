// Reports of boards of the generated fleet, as they come over the wire: boards at rest, and boards with a release before them.

import {
  conditionsOf,
  EMPTY_JOURNAL,
  encodeReport,
  inferStep,
  type Observed,
  type PlanTarget,
  phaseOf,
  type Report,
} from '@seatrial/capsule-plan';
import {
  bytes,
  type DeviceTarget,
  firmwareVersion,
  InvariantError,
  millis,
  type OstreeCommit,
  parseBootId,
  parseDeviceId,
  parseGeneration,
  parseGitCommit,
  parseOstreeCommit,
  validateFiles,
} from '@seatrial/spec';
import { planTargetOf } from '../board/hub-plan.ts';
import { board, deviceList, fleet, release } from './documents.ts';

export type BoardState = 'converged' | 'update to do';

export interface ReportedBoard {
  /** UTF-8 of the message on the board's report topic. */
  readonly message: Uint8Array;
  readonly target: PlanTarget;
}

const FLEETS = 20;
const NOON_MS = Date.UTC(2026, 10, 21, 12);
const FACTORY_VERSION = firmwareVersion(0x1_0000);

/** `count` boards of twenty fleets, all in one state. */
export function reportedBoards(state: BoardState, count: number): readonly ReportedBoard[] {
  const targets = fleetTargets();
  return Array.from({ length: count }, (_, n) => {
    const target = targets[n % targets.length];
    if (target === undefined) throw new InvariantError('the fleet has boards');
    return { message: encodeReport(reportOf(n, observedOn(state, n, target), target)), target: planTargetOf(target) };
  });
}

function fleetTargets(): readonly DeviceTarget[] {
  const numbers = Array.from({ length: FLEETS }, (_, n) => n + 1);
  const documents = [
    ...[0, 1, 2, 3].map(board),
    ...numbers.flatMap(n => [release(n), fleet(n), deviceList(n, { fleet: n, ring: 'field' })]),
  ];
  const files = documents.map((text, n) => [`${n}.yaml`, new TextEncoder().encode(text)] as const);
  const { desired, issues } = validateFiles(new Map(files));
  if (desired === undefined) throw new InvariantError(`the fleet is invalid: ${issues[0]?.message}`);
  return desired.targets;
}

/** What such a board observes; `n` makes its boot id. */
export function observedOn(state: BoardState, n: number, { board: { fwClass, os }, payload }: DeviceTarget): Observed {
  const wanted = state === 'converged' ? payload : undefined;
  const fwVersion = wanted?.firmware?.version ?? FACTORY_VERSION;
  const commit = wanted?.os?.commit ?? known(parseOstreeCommit('a'.repeat(64)));
  return {
    bootId: known(parseBootId(`00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`)),
    clock: { nowMs: millis(NOON_MS), timeZone: 'Europe/Berlin' },
    firmware: {
      esrt: {
        fwClass,
        fwType: 1,
        fwVersion,
        lowestSupportedFwVersion: FACTORY_VERSION,
        capsuleFlags: 0,
        lastAttemptVersion: fwVersion,
        lastAttemptStatus: 0,
      },
      osIndications: 0n,
      osIndicationsSupported: 4n,
      trial: { raw: 1n, widthBytes: 4 },
      variablesWritable: true,
      rpmbProvisioned: true,
    },
    esp: { writable: true, freeBytes: bytes(180_000_000), capsules: [] },
    os: {
      deployments: [deployment(commit, os.stateroot)],
      ostreeCountsBoots: false,
      bootFreeBytes: bytes(180_000_000),
      sysrootFreeBytes: bytes(8_000_000_000),
    },
    fetched: { capsules: [], commits: [] },
    facts: { batteryPercent: 80, batteryVolts: 13, parked: true, charging: true, network: 'wifi' },
  };
}

const deployment = (commit: OstreeCommit, stateroot: string) => ({
  index: 0,
  commit,
  serial: 0,
  stateroot,
  booted: true,
  staged: false,
  entry: { id: `ostree-1-${stateroot}` },
});

function reportOf(n: number, observed: Observed, target: DeviceTarget): Report {
  const inference = inferStep(observed, planTargetOf(target), EMPTY_JOURNAL);
  return {
    schema: 1,
    device: known(parseDeviceId(`vehicle-${n}`)),
    agentVersion: '0.1.0',
    sequence: 1_048_577,
    sentAtMs: observed.clock.nowMs,
    plan: {
      generation: known(parseGeneration(1)),
      gitCommit: known(parseGitCommit('0'.repeat(40))),
      payloadHash: target.payloadHash,
      attempt: 1,
    },
    phase: phaseOf(inference, EMPTY_JOURNAL),
    conditions: conditionsOf(inference, [], observed.clock.nowMs),
    observed,
    failures: [],
    refused: {},
  };
}

function known<T>(value: T | undefined): T {
  if (value === undefined) throw new InvariantError('a constant is malformed');
  return value;
}
