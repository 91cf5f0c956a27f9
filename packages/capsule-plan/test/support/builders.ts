// Builders for a board, a plan and a journal: say only what a test is about.

import {
  type BootId,
  type BytesPerSecond,
  bytes,
  type FirmwareVersion,
  millis,
  type OstreeCommit,
  type Payload,
  type Policy,
  parseFirmwareVersion,
  parseGuid,
  parseName,
  parseSha256,
  type ResolvedBoard,
  type Sha256,
} from '@seatrial/spec';
import type { Deployment, Observed, PlanTarget } from '../../src/index.ts';

export const need = <T>(value: T | undefined): T => {
  if (value === undefined) throw new Error('the test needs a value here');
  return value;
};

export const fw = (text: string): FirmwareVersion => need(parseFirmwareVersion(text));
export const commit = (digit: string): OstreeCommit => digit.repeat(64) as OstreeCommit;
export const digest = (digit: string): Sha256 => need(parseSha256(digit.repeat(64)));
export const boot = (number: number): BootId =>
  `00000000-0000-4000-8000-${number.toString(16).padStart(12, '0')}` as BootId;

export const OLD_FW = fw('0.0.1.1');
export const NEW_FW = fw('0.0.1.2');
export const OLD_OS = commit('a');
export const NEW_OS = commit('b');
export const NOON = millis(Date.UTC(2026, 10, 21, 12));
const FW_CLASS = need(parseGuid('78462415-6133-431C-9FAE-48F2BAFD5C71'));
const GLOBAL = need(parseGuid('8be4df61-93ca-11d2-aa0d-00e098032b8c'));

export const board = (changes: Partial<ResolvedBoard> = {}): ResolvedBoard => ({
  name: need(parseName('iq-9075-evk')),
  target: 'QCS9100',
  storage: 'UFS',
  fwClass: FW_CLASS,
  versionFloor: fw('0.0.1.0'),
  trial: 'required',
  trialVariable: { name: 'OsTrialBootStatus', guid: GLOBAL },
  esp: { mountPoint: '/boot', sizeBytes: bytes(200 * 1024 * 1024) },
  os: { stateroot: 'poky', bootLoader: 'systemd-boot' },
  ...changes,
});

export const policy = (changes: Partial<Policy> = {}): Policy => ({
  windows: [],
  gates: { parked: false, charging: false, network: 'any', maintenanceMode: false, consent: 'notRequired' },
  download: { networks: 'any', jitterMs: millis(0), maxRate: 524_288 as BytesPerSecond },
  trial: {
    bootTries: 3,
    healthDeadlineMs: millis(300_000),
    healthChecks: [{ kind: 'unit', name: 'system', unit: 'multi-user.target', timeoutMs: millis(30_000) }],
  },
  ...changes,
});

export const FIRMWARE_HALF: NonNullable<Payload['firmware']> = {
  version: NEW_FW,
  lowestSupported: fw('0.0.1.0'),
  capsules: [
    {
      name: 'firmware.cap',
      url: 'https://artifacts.example.com/firmware.cap' as NonNullable<Payload['firmware']>['capsules'][number]['url'],
      sizeBytes: bytes(4_202_221),
      sha256: digest('c'),
    },
  ],
};

export const OS_HALF: NonNullable<Payload['os']> = { remote: 'poky', ref: 'qcs9075-iq-9075-evk', commit: NEW_OS };

export const target = (changes: Partial<PlanTarget> = {}): PlanTarget => ({
  board: board(),
  payload: { transaction: 'coupled', firmware: FIRMWARE_HALF, os: OS_HALF },
  payloadHash: digest('1'),
  attempt: 1,
  policy: policy(),
  ...changes,
});

export const deployment = (changes: Partial<Deployment> = {}): Deployment => ({
  index: 0,
  commit: OLD_OS,
  serial: 0,
  stateroot: 'poky',
  booted: true,
  staged: false,
  entry: { id: 'ostree-1-poky' },
  ...changes,
});

/** A healthy board at noon on its factory pair, with room for everything. */
export const observed = (changes: Partial<Observed> = {}): Observed => ({
  bootId: boot(1),
  clock: { nowMs: NOON, timeZone: 'UTC' },
  firmware: {
    esrt: {
      fwClass: FW_CLASS,
      fwType: 1,
      fwVersion: OLD_FW,
      lowestSupportedFwVersion: fw('0.0.1.0'),
      capsuleFlags: 0,
      lastAttemptVersion: fw('0.0.0.0'),
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
    deployments: [deployment()],
    ostreeCountsBoots: false,
    bootFreeBytes: bytes(100 * 1024 * 1024),
    sysrootFreeBytes: bytes(1024 ** 3),
  },
  fetched: { capsules: [], commits: [] },
  facts: {},
  ...changes,
});
