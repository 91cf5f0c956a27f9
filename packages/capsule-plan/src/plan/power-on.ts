// What a reboot is expected to bring when all goes well: the firmware's part, then the boot loader's. The preview looks
// through it into the next boot; what really happens is observed there.

import type { BootId, FirmwareVersion } from '@seatrial/spec';
import { countBoot, entryState } from '../boot/boot-counting.ts';
import type { Deployment } from '../boot/deployment.ts';
import { asksForCapsuleDelivery, withoutCapsuleDelivery } from '../firmware/os-indications.ts';
import {
  isOnTrial,
  isRollbackRequested,
  type TrialBoot,
  trialCount,
  trialMaxCount,
  withTrialCount,
  withTrialEnabled,
  withTrialMaxCount,
} from '../firmware/trial-boot.ts';
import { isOurCapsule } from './capsule-files.ts';
import type { Observed, ObservedFirmware } from './observed.ts';

/** What a preview knows and a board at power-on would read from the capsule or from its backup bank. */
export interface PowerOnFacts {
  /** The version that the capsules on the ESP bring. */
  readonly capsuleVersion?: FirmwareVersion;
  /** The version that a rollback returns to. */
  readonly previousVersion?: FirmwareVersion;
}

export function powerOn(observed: Observed, facts: PowerOnFacts): Observed {
  const applies =
    asksForCapsuleDelivery(observed.firmware.osIndications ?? 0n) && observed.esp.capsules.some(isOurCapsule);
  return {
    ...observed,
    bootId: nextBootId(observed.bootId),
    firmware: applies ? applyCapsule(observed.firmware, facts) : countTrial(observed.firmware, facts),
    esp: applies
      ? { ...observed.esp, capsules: observed.esp.capsules.filter(capsule => !isOurCapsule(capsule)) }
      : observed.esp,
    os: { ...observed.os, deployments: bootOne(observed.os) },
  };
}

function applyCapsule(firmware: ObservedFirmware, { capsuleVersion }: PowerOnFacts): ObservedFirmware {
  const { esrt, trial } = firmware;
  if (esrt === undefined || capsuleVersion === undefined) return firmware;
  return {
    ...firmware,
    osIndications: withoutCapsuleDelivery(firmware.osIndications ?? 0n),
    esrt: { ...esrt, fwVersion: capsuleVersion, lastAttemptVersion: capsuleVersion, lastAttemptStatus: 0 },
    ...(trial === undefined ? {} : { trial: beginTrial(trial) }),
  };
}

const beginTrial = (trial: TrialBoot): TrialBoot =>
  trialMaxCount(trial) === 0 ? trial : withTrialCount(withTrialEnabled(trial, { enabled: true }), 1);

function countTrial(firmware: ObservedFirmware, { previousVersion }: PowerOnFacts): ObservedFirmware {
  const { esrt, trial } = firmware;
  if (trial === undefined || esrt === undefined || !isOnTrial(trial)) return firmware;
  if (!isRollbackRequested(trial)) return { ...firmware, trial: withTrialCount(trial, trialCount(trial) + 1) };
  return {
    ...firmware,
    esrt: {
      ...esrt,
      fwVersion: previousVersion ?? esrt.fwVersion,
      lastAttemptVersion: esrt.fwVersion,
      lastAttemptStatus: 0,
    },
    // What is restored is on no trial: the whole account is closed.
    trial: withTrialMaxCount(withTrialCount(withTrialEnabled(trial, { enabled: false }), 0), 0),
  };
}

/** The held entry, else the first that is not exhausted, else the first; its counter runs. */
function bootOne({ deployments, heldEntryId }: Observed['os']): readonly Deployment[] {
  const bootable = deployments.filter(deployment => !deployment.staged && deployment.entry !== undefined);
  const chosen =
    bootable.find(({ entry }) => entry?.id === heldEntryId) ??
    bootable.find(({ entry }) => entry !== undefined && entryState(entry) !== 'bad') ??
    bootable[0];
  return deployments.map(deployment => ({
    ...deployment,
    booted: deployment === chosen,
    ...(deployment === chosen && deployment.entry !== undefined ? { entry: countBoot(deployment.entry) } : {}),
  }));
}

/** Made-up but fresh: counts up in the last group, so that previews are reproducible. */
export function nextBootId(bootId: BootId): BootId {
  const last = Number.parseInt(bootId.slice(-12), 16);
  return `${bootId.slice(0, -12)}${((last + 1) % 0x1000000000000).toString(16).padStart(12, '0')}` as BootId;
}
