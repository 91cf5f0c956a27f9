// Reports as boards send them: say what the board runs and how its attempt went.

import type { Attempt, FailureReason, Observed, Report } from '@seatrial/capsule-plan';
import {
  type BootId,
  bytes,
  type DeviceId,
  type FirmwareVersion,
  type Generation,
  type GitCommit,
  millis,
  type OstreeCommit,
  parseDeviceId,
  parseFirmwareVersion,
  parseGuid,
  parseSha256,
  type Sha256,
} from '@seatrial/spec';

export const need = <T>(value: T | undefined): T => {
  if (value === undefined) throw new Error('the test needs a value here');
  return value;
};

export const deviceId = (text: string): DeviceId => need(parseDeviceId(text));
const fw = (text: string): FirmwareVersion => need(parseFirmwareVersion(`0.0.${text}`));
const os = (digit: string): OstreeCommit => digit.repeat(64) as OstreeCommit;
const boot = (number: number): BootId => `00000000-0000-4000-8000-${number.toString(16).padStart(12, '0')}` as BootId;

export interface Runs {
  readonly fw: string;
  readonly os: string;
}

export interface ToldBoard {
  readonly device: string;
  readonly sequence?: number;
  readonly runs: Runs;
  readonly plan?: {
    readonly generation: number;
    readonly payloadHash: Sha256;
    readonly attempt?: number;
    readonly gitCommit?: GitCommit;
  };
  /** It came to what it runs by this payload. */
  readonly earned?: Sha256;
  /** It tried this payload and went back. */
  readonly failed?: { readonly payloadHash: Sha256; readonly attempt?: number; readonly reason?: FailureReason };
  /** It is in the middle of it. */
  readonly attempting?: {
    readonly payloadHash: Sha256;
    readonly attempt?: number;
    readonly to: Runs;
    readonly failing?: boolean;
  };
  readonly facts?: Observed['facts'];
  /** What it has downloaded. */
  readonly fetched?: Runs;
  /** The lowest firmware that its ESRT accepts. */
  readonly floor?: string;
}

export function toldBoard(told: ToldBoard): Report {
  const { device, sequence = 1, plan, earned, failed, attempting } = told;
  return {
    schema: 1,
    device: deviceId(device),
    agentVersion: '0.1.0',
    sequence,
    sentAtMs: millis(NOW_MS),
    phase: 'idle',
    conditions: [],
    observed: observedOf(told),
    ...(plan && {
      plan: {
        generation: plan.generation as Generation,
        gitCommit: plan.gitCommit ?? ('0'.repeat(40) as GitCommit),
        payloadHash: plan.payloadHash,
        attempt: plan.attempt ?? 1,
      },
    }),
    ...(attempting && { attempt: attemptOf(told.runs, attempting) }),
    ...(earned && {
      success: {
        payloadHash: earned,
        attempt: 1,
        from: {},
        to: { firmware: fw(told.runs.fw), os: os(told.runs.os) },
        requestedAt: [boot(1)],
      },
    }),
    failures: failed === undefined ? [] : [failureOf(failed)],
    refused: {},
  };
}

/** The capsule of every written release. */
const CAPSULE = need(parseSha256('c'.repeat(64)));

export const NOW_MS = Date.UTC(2026, 10, 21, 12);

const failureOf = ({ payloadHash, attempt = 1, reason = 'os-unhealthy' }: NonNullable<ToldBoard['failed']>) => ({
  payloadHash,
  attempt,
  failure: { reason, message: `failed by ${reason}`, atMs: millis(NOW_MS) },
});

const attemptOf = (
  runs: Runs,
  { payloadHash, attempt = 1, to, failing }: NonNullable<ToldBoard['attempting']>,
): Attempt => ({
  payloadHash,
  attempt,
  startedAtMs: millis(NOW_MS),
  from: { firmware: fw(runs.fw), os: os(runs.os) },
  to: { firmware: fw(to.fw), os: os(to.os) },
  ...(failing === true && {
    failure: { reason: 'os-unhealthy', message: 'failed by os-unhealthy', atMs: millis(NOW_MS) } as const,
  }),
});

const observedOf = ({ runs, facts = {}, floor = '1.0', fetched }: ToldBoard): Observed => ({
  bootId: boot(7),
  clock: { nowMs: millis(NOW_MS), timeZone: 'UTC' },
  firmware: {
    esrt: {
      fwClass: need(parseGuid('78462415-6133-431C-9FAE-48F2BAFD5C71')),
      fwType: 1,
      fwVersion: fw(runs.fw),
      lowestSupportedFwVersion: fw(floor),
      capsuleFlags: 0,
      lastAttemptVersion: fw(runs.fw),
      lastAttemptStatus: 0,
    },
    osIndications: 0n,
    osIndicationsSupported: 4n,
    trial: { raw: 1n, widthBytes: 4 },
    variablesWritable: true,
    rpmbProvisioned: true,
  },
  esp: { writable: true, freeBytes: bytes(100 * 1024 * 1024), capsules: [] },
  os: {
    deployments: [
      {
        index: 0,
        commit: os(runs.os),
        serial: 0,
        stateroot: 'poky',
        booted: true,
        staged: false,
        entry: { id: 'ostree-1-poky' },
      },
    ],
    ostreeCountsBoots: false,
    bootFreeBytes: bytes(100 * 1024 * 1024),
    sysrootFreeBytes: bytes(1024 ** 3),
  },
  fetched: fetched === undefined ? { capsules: [], commits: [] } : { capsules: [CAPSULE], commits: [os(fetched.os)] },
  facts,
});
