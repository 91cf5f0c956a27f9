// One document each into its resolved form: units in the names, defaults filled in, and hashed.

import type {
  FirmwarePayload,
  MaintenanceWindow,
  OsPayload,
  Payload,
  Policy,
  ResolvedBoard,
  RolloutPolicy,
} from './desired-state.ts';
import { fingerprint } from './fingerprint.ts';
import type { Sha256 } from './ids.ts';
import type { Board } from './kinds/board.ts';
import type { Fleet } from './kinds/fleet.ts';
import type { Release } from './kinds/release.ts';

export function resolveBoard({ metadata, spec }: Board): ResolvedBoard {
  const { fwClass, versionFloor, trial, trialVariable } = spec.firmware;
  return {
    name: metadata.name,
    target: spec.target,
    storage: spec.storage,
    fwClass,
    versionFloor,
    trial,
    trialVariable,
    esp: { mountPoint: spec.esp.mountPoint, sizeBytes: spec.esp.size },
    os: spec.os,
    ...(spec.limits === undefined ? {} : { limits: resolveLimits(spec.limits) }),
  };
}

const resolveLimits = ({ nvram }: NonNullable<Board['spec']['limits']>) =>
  nvram === undefined ? {} : { nvramBytes: nvram };

export function resolvePayload({ spec: { transaction, firmware, os } }: Release): Payload {
  return {
    transaction,
    ...(firmware === undefined ? {} : { firmware: resolveFirmware(firmware) }),
    ...(os === undefined ? {} : { os: resolveOs(os) }),
  };
}

function resolveFirmware(firmware: NonNullable<Release['spec']['firmware']>): FirmwarePayload {
  const { version, lowestSupported, minimumFrom, capsules } = firmware;
  return {
    version,
    lowestSupported,
    ...(minimumFrom === undefined ? {} : { minimumFrom }),
    capsules: capsules.map(({ name, url, size, sha256 }) => ({ name, url, sizeBytes: size, sha256 })),
  };
}

function resolveOs({ remote, ref, commit, url, requires }: NonNullable<Release['spec']['os']>): OsPayload {
  return {
    remote,
    ref,
    commit,
    ...(requires?.firmware === undefined ? {} : { requiresFirmware: requires.firmware }),
    ...(url === undefined ? {} : { url }),
  };
}

export function resolvePolicy({ spec: { windows, gates, download, trial } }: Fleet): Policy {
  const { battery, ...otherGates } = gates;
  return {
    windows: windows.map(
      ({ start, duration, timeZone }): MaintenanceWindow => ({ start, durationMs: duration, timeZone }),
    ),
    gates: { ...otherGates, ...(battery === undefined ? {} : { battery: withoutUndefined(battery) }) },
    download: {
      ...(download.maxRate === undefined ? {} : { maxRate: download.maxRate }),
      networks: download.networks,
      jitterMs: download.jitter,
    },
    trial: {
      bootTries: trial.bootTries,
      healthDeadlineMs: trial.healthDeadline,
      healthChecks: trial.healthChecks,
    },
  };
}

const withoutUndefined = ({ minPercent, minVolts }: NonNullable<Fleet['spec']['gates']['battery']>) => ({
  ...(minPercent === undefined ? {} : { minPercent }),
  ...(minVolts === undefined ? {} : { minVolts }),
});

export function resolveRollout({ spec: { rollout } }: Fleet): RolloutPolicy {
  return {
    stages: rollout.stages.map(({ limit, soak }) => ({ limit, soakMs: soak })),
    successThreshold: rollout.successThreshold,
    failureBudget: rollout.failureBudget,
    deviceTimeoutMs: rollout.deviceTimeout,
    onFailure: rollout.onFailure,
    approvals: rollout.approvals,
  };
}

/** Equal exactly when two releases ask for the same thing of the same firmware. */
export const hashPayload = (payload: Payload, board: ResolvedBoard): Sha256 =>
  fingerprint({ fwClass: board.fwClass, payload });

export const hashPolicy = (policy: Policy): Sha256 => fingerprint(policy);
