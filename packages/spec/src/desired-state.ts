// The resolved desired state: every reference followed, every default filled in, sorted, frozen, and hashed.
// Type aliases, because an interface can not be passed where canonical JSON is wanted.

import type { DsseEnvelope } from './dsse.ts';
import type { DeviceId, GitCommit, Guid, KeyId, Name, OstreeCommit, Sha256 } from './ids.ts';
import type { Labels } from './kinds/document.ts';
import type { Portion } from './kinds/text.ts';
import type { HealthCheck, NetworkClass } from './kinds/update-policy.ts';
import type { CronText, HttpUrl, PublicKey, TimeZone } from './kinds/written-forms.ts';
import type { ByteCount, BytesPerSecond, FirmwareVersion, Millis } from './units.ts';

/** Everything that git says about all boards at one commit. Deeply frozen; equal contents have equal hashes. */
export type DesiredState = {
  /** The commit it was read from; absent when it was read from a directory. */
  readonly gitCommit?: GitCommit;
  /** Over everything below, independent of file names and of the order of documents. */
  readonly contentHash: Sha256;
  /** Sorted by name, as are releases, fleets and approvals. */
  readonly boards: readonly ResolvedBoard[];
  readonly releases: readonly ResolvedRelease[];
  readonly fleets: readonly ResolvedFleet[];
  /** Every listed device, sorted by id. */
  readonly devices: readonly ResolvedDevice[];
  /** One for each device that a fleet selects, sorted by device id. */
  readonly targets: readonly DeviceTarget[];
  readonly trustRoot?: ResolvedTrustRoot;
  readonly approvals: readonly ResolvedApproval[];
};

export type ResolvedBoard = {
  readonly name: Name;
  readonly target: string;
  readonly storage: string;
  readonly fwClass: Guid;
  /** Nothing below is ever planned, whatever the ESRT allows. */
  readonly versionFloor: FirmwareVersion;
  readonly trial: 'required' | 'unavailable';
  readonly trialVariable: { readonly name: string; readonly guid: Guid };
  readonly esp: { readonly mountPoint: string; readonly sizeBytes: ByteCount };
  readonly os: { readonly stateroot: string; readonly bootLoader: 'systemd-boot' };
  readonly limits?: { readonly nvramBytes?: ByteCount };
};

export type Capsule = {
  readonly name: string;
  readonly url: HttpUrl;
  readonly sizeBytes: ByteCount;
  readonly sha256: Sha256;
};

export type FirmwarePayload = {
  readonly version: FirmwareVersion;
  readonly lowestSupported: FirmwareVersion;
  /** A board below this must go through another release first. */
  readonly minimumFrom?: FirmwareVersion;
  /** In the order of the YAML; UEFI takes them alphabetically. */
  readonly capsules: readonly Capsule[];
};

export type OsPayload = {
  readonly remote: string;
  readonly ref: string;
  readonly commit: OstreeCommit;
  readonly requiresFirmware?: FirmwareVersion;
  /** Where the repository is, in place of the URL that the board's remote is configured with. */
  readonly url?: HttpUrl;
};

/** What a board is to run; at least one half is present. */
export type Payload = {
  readonly transaction: 'coupled' | 'firmwareFirst';
  readonly firmware?: FirmwarePayload;
  readonly os?: OsPayload;
};

export type ResolvedRelease = {
  readonly name: Name;
  readonly board: Name;
  readonly payload: Payload;
  /** Over the payload and the board's fwClass: equal hashes ask for the same thing. */
  readonly payloadHash: Sha256;
  readonly notes?: string;
  /** The signature file beside the document, whether or not it could be verified. */
  readonly envelope?: DsseEnvelope;
  /** The vendor and operator thresholds of this state's TrustRoot are reached. */
  readonly verified: boolean;
};

export type MaintenanceWindow = {
  readonly start: CronText;
  readonly durationMs: Millis;
  readonly timeZone: TimeZone;
};

export type Gates = {
  readonly battery?: { readonly minPercent?: number; readonly minVolts?: number };
  /** true: must be parked; false: does not matter. Likewise charging and maintenanceMode. */
  readonly parked: boolean;
  readonly charging: boolean;
  readonly network: 'any' | readonly NetworkClass[];
  readonly maintenanceMode: boolean;
  readonly consent: 'notRequired' | 'required';
};

export type DownloadPolicy = {
  readonly maxRate?: BytesPerSecond;
  readonly networks: 'any' | readonly NetworkClass[];
  /** Each board waits a random part of this before it fetches. */
  readonly jitterMs: Millis;
};

export type TrialPolicy = {
  readonly bootTries: number;
  readonly healthDeadlineMs: Millis;
  readonly healthChecks: readonly HealthCheck[];
};

/** When and how a board may act. */
export type Policy = {
  /** None means at any time. */
  readonly windows: readonly MaintenanceWindow[];
  readonly gates: Gates;
  readonly download: DownloadPolicy;
  readonly trial: TrialPolicy;
};

export type Stage = {
  /** The cohort up to and including this stage. */
  readonly limit: Portion;
  readonly soakMs: Millis;
};

export type StageApproval = {
  readonly role: Name;
  /** From 1. */
  readonly stage: number;
};

export type RolloutPolicy = {
  readonly stages: readonly Stage[];
  /** Percent of the boards that could act. */
  readonly successThreshold: number;
  readonly failureBudget: Portion;
  readonly deviceTimeoutMs: Millis;
  readonly onFailure: 'pause' | 'revert';
  readonly approvals: readonly StageApproval[];
};

export type ResolvedFleet = {
  readonly name: Name;
  readonly board: Name;
  readonly release: Name;
  readonly suspend: boolean;
  readonly rollout: RolloutPolicy;
  readonly policy: Policy;
  readonly policyHash: Sha256;
  /** Sorted. */
  readonly members: readonly DeviceId[];
};

export type ResolvedDevice = {
  readonly id: DeviceId;
  readonly board: Name;
  readonly labels: Labels;
  readonly pin?: Name;
  /** Absent when no fleet selects the device: nothing is planned for it. */
  readonly fleet?: Name;
};

/** What one board is to run. Board, payload, policy and hashes are shared between the targets of a fleet. */
export type DeviceTarget = {
  readonly device: DeviceId;
  readonly fleet: Name;
  /** The pin where there is one, else the fleet's release. */
  readonly release: Name;
  readonly board: ResolvedBoard;
  readonly payload: Payload;
  readonly payloadHash: Sha256;
  readonly policy: Policy;
  readonly policyHash: Sha256;
  readonly labels: Labels;
  readonly pinned: boolean;
  readonly suspended: boolean;
};

export type ResolvedTrustRoot = {
  readonly name: Name;
  readonly version: number;
  readonly expiresMs: Millis;
  readonly keys: Readonly<Record<KeyId, PublicKey>>;
  readonly roles: Readonly<Record<Name, { readonly threshold: number; readonly keys: readonly KeyId[] }>>;
  readonly envelope?: DsseEnvelope;
  /** Signed by the threshold of its own root role. */
  readonly verified: boolean;
};

export type ResolvedApproval = {
  readonly name: Name;
  readonly fleet: Name;
  readonly release: Name;
  readonly role: Name;
  /** From 1. */
  readonly stage: number;
  readonly by: string;
  /** Signed by the threshold of its role; false where the TrustRoot has no such role. */
  readonly verified: boolean;
};
