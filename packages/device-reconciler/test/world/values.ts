// Builders for ids, boards, policies and plans: a test says only what it is about.

import { generateKeyPairSync } from 'node:crypto';
import { encodePlan, type Plan, type PlanTarget } from '@seatrial/capsule-plan';
import {
  type BootId,
  bytes,
  type FirmwareVersion,
  type HealthCheck,
  millis,
  type OstreeCommit,
  type Payload,
  type Policy,
  parseBootId,
  parseDeviceId,
  parseFirmwareVersion,
  parseGeneration,
  parseGitCommit,
  parseGuid,
  parseKeyId,
  parseName,
  parseOstreeCommit,
  parseSha256,
  parseUrl,
  publicKeyOf,
  type ResolvedBoard,
  type Sha256,
  type Signer,
  type SigningRole,
  sha256Hex,
} from '@seatrial/spec';

export const need = <T>(value: T | undefined): T => {
  if (value === undefined) throw new Error('the test needs a value here');
  return value;
};

export const fw = (text: string): FirmwareVersion => need(parseFirmwareVersion(text));
export const commit = (digit: string): OstreeCommit => need(parseOstreeCommit(digit.repeat(64)));
export const digest = (digit: string): Sha256 => need(parseSha256(digit.repeat(64)));
export const boot = (number: number): BootId =>
  need(parseBootId(`00000000-0000-4000-8000-${number.toString(16).padStart(12, '0')}`));

export const DEVICE = need(parseDeviceId('bench-1'));
export const OLD_FW = fw('0.0.1.1');
export const NEW_FW = fw('0.0.1.2');
export const OLD_OS = commit('a');
export const NEW_OS = commit('b');
export const NOON = millis(Date.UTC(2026, 10, 21, 12));
export const FW_CLASS = need(parseGuid('78462415-6133-431C-9FAE-48F2BAFD5C71'));
export const EFI_GLOBAL = need(parseGuid('8be4df61-93ca-11d2-aa0d-00e098032b8c'));
export const TRIAL_VARIABLE = { name: 'OsTrialBootStatus', guid: EFI_GLOBAL };

/** The bytes of the capsule that the plans of these tests name. */
export const CAPSULE = Buffer.from('the new firmware, signed and sealed\n'.repeat(64));

export const board = (changes: Partial<ResolvedBoard> = {}): ResolvedBoard => ({
  name: need(parseName('iq-9075-evk')),
  target: 'QCS9100',
  storage: 'UFS',
  fwClass: FW_CLASS,
  versionFloor: fw('0.0.1.0'),
  trial: 'required',
  trialVariable: TRIAL_VARIABLE,
  esp: { mountPoint: '/boot', sizeBytes: bytes(200 * 1024 * 1024) },
  os: { stateroot: 'lab', bootLoader: 'systemd-boot' },
  ...changes,
});

export const unitCheck: HealthCheck = {
  kind: 'unit',
  name: 'system',
  unit: 'multi-user.target',
  timeoutMs: millis(5_000),
};

export const policy = (changes: Partial<Policy> = {}): Policy => ({
  windows: [],
  gates: { parked: false, charging: false, network: 'any', maintenanceMode: false, consent: 'notRequired' },
  download: { networks: 'any', jitterMs: millis(0) },
  trial: { bootTries: 3, healthDeadlineMs: millis(60_000), healthChecks: [unitCheck] },
  ...changes,
});

export const firmwareHalf = (url = 'http://artifacts.example.com/firmware.cap'): NonNullable<Payload['firmware']> => ({
  version: NEW_FW,
  lowestSupported: fw('0.0.1.0'),
  capsules: [
    {
      name: 'firmware.cap',
      url: need(parseUrl(url)),
      sizeBytes: bytes(CAPSULE.byteLength),
      sha256: sha256Hex(CAPSULE),
    },
  ],
});

export const osHalf = (changes: Partial<NonNullable<Payload['os']>> = {}): NonNullable<Payload['os']> => ({
  remote: 'lab',
  ref: 'lab/x86_64',
  commit: NEW_OS,
  ...changes,
});

export const target = (changes: Partial<PlanTarget> = {}): PlanTarget => ({
  board: board(),
  payload: { transaction: 'coupled', firmware: firmwareHalf(), os: osHalf() },
  payloadHash: digest('1'),
  attempt: 1,
  policy: policy(),
  ...changes,
});

export const plan = (changes: Partial<Plan> = {}): Plan => ({
  ...target(),
  schema: 1,
  device: DEVICE,
  generation: need(parseGeneration(1)),
  gitCommit: need(parseGitCommit('d'.repeat(40))),
  fleet: need(parseName('bench')),
  release: need(parseName('new-release')),
  issuedAtMs: NOON,
  expiresAtMs: millis(NOON + 86_400_000),
  ...changes,
});

/** A controller that may sign, and what a board has to know of it. */
export interface Controller {
  readonly signer: Signer;
  readonly role: SigningRole;
  /** The trust root as the board's file. */
  readonly trustRoot: string;
}

export function controller(id = 'controller-1'): Controller {
  const { privateKey } = generateKeyPairSync('ed25519');
  const keyId = need(parseKeyId(id));
  const key = need(publicKeyOf(privateKey));
  return {
    signer: { keyId, privateKey },
    role: { role: 'controller', threshold: 1, keys: new Map([[keyId, key]]) },
    trustRoot: JSON.stringify({
      version: 1,
      keys: { [id]: key },
      roles: { controller: { threshold: 1, keys: [id] } },
    }),
  };
}

export const signed = (value: Plan, { signer }: Controller): Uint8Array => encodePlan(value, [signer]);
