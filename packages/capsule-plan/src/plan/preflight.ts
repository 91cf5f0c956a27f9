// Everything that must hold before the first side effect of a transaction. A complaint here stalls the board with a
// named reason and leaves it exactly as it was.

import {
  type FirmwareVersion,
  firmwareVersion,
  formatBytes,
  formatFirmwareVersion,
  TRIAL_BOOTS_MAX,
} from '@seatrial/spec';
import { asksForCapsuleDelivery } from '../firmware/os-indications.ts';
import { isOnTrial } from '../firmware/trial-boot.ts';
import { capsulesToPlace, isOurCapsule, isPlaced } from './capsule-files.ts';
import type { Observed } from './observed.ts';
import type { Situation } from './situation.ts';
import { wayBack } from './situation.ts';
import type { BlockedReason } from './step.ts';
import { trialBootBudget } from './trial-budget.ts';

export interface Complaint {
  readonly reason: BlockedReason;
  readonly message: string;
}

type Check = (situation: Situation) => string | undefined;

/** Kept free on every file system that we write to. */
const SPACE_MARGIN_BYTES = 1024 * 1024;

/** Firmware, from "may it ever" to "is there room": the order in which complaints are told. */
const FIRMWARE_CHECKS: readonly (readonly [BlockedReason, Check])[] = [
  [
    'esrt-missing',
    ({ observed }) =>
      observed.firmware.esrt === undefined ? 'the ESRT has no row for this firmware class' : undefined,
  ],
  ['firmware-below-floor', belowFloor],
  ['firmware-below-minimum-from', belowMinimumFrom],
  [
    'rpmb-not-provisioned',
    ({ observed, target }) =>
      target.board.trial === 'required' && observed.firmware.rpmbProvisioned === false
        ? 'RPMB is not provisioned: the firmware would have no trial and no way back'
        : undefined,
  ],
  [
    'capsule-on-disk-unsupported',
    ({ observed }) =>
      asksForCapsuleDelivery(observed.firmware.osIndicationsSupported ?? 0n)
        ? undefined
        : 'OsIndicationsSupported lacks bit 2: this firmware takes no capsules from the ESP',
  ],
  ['trial-budget', overBudget],
  [
    'efivarfs-read-only',
    ({ observed }) => (observed.firmware.variablesWritable ? undefined : 'efivarfs takes no writes'),
  ],
  ['esp-read-only', ({ observed }) => (observed.esp.writable ? undefined : 'the ESP takes no writes')],
  ['foreign-capsule', foreignCapsule],
  ['esp-full', espFull],
];

const OS_CHECKS: readonly (readonly [BlockedReason, Check])[] = [
  ['os-requires-firmware', requiresNewerFirmware],
  [
    'no-blessed-deployment',
    ({ observed, running }) =>
      wayBack(observed, running) === undefined
        ? 'no deployment is blessed: there would be nothing to fall back to'
        : undefined,
  ],
  ['boot-full', ({ observed }) => spaceFor('/boot', observed.os.bootFreeBytes, SPACE_MARGIN_BYTES)],
];

/** The first complaint about the halves that this board still needs; undefined when the transaction may begin. */
export function preflight(situation: Situation): Complaint | undefined {
  const checks = [...(situation.firmwareWanted ? FIRMWARE_CHECKS : []), ...(situation.osWanted ? OS_CHECKS : [])];
  for (const [reason, check] of checks) {
    const message = check(situation);
    if (message !== undefined) return { reason, message };
  }
  return undefined;
}

/**
 * The lowest version that this board may ever run again: what git says, what the ESRT says, and the firmware that was
 * committed. UEFI raises the ESRT's floor to that one only at the next power-on, which is too late to look.
 */
export const floorOf = ({ observed, target, running, journal }: Situation): FirmwareVersion => {
  const { from, to } = journal.success ?? { from: {}, to: {} };
  const committed = to.firmware !== from.firmware && to.firmware === running.firmware ? (to.firmware ?? 0) : 0;
  const shown = observed.firmware.esrt?.lowestSupportedFwVersion ?? 0;
  return firmwareVersion(Math.max(target.board.versionFloor, shown, committed, acceptedBy(observed)));
};

/** What runs came by a capsule and is on trial no more: known from the firmware alone, also where the journal was lost. */
function acceptedBy({ firmware: { esrt, trial } }: Observed): number {
  if (esrt === undefined || trial === undefined || isOnTrial(trial)) return 0;
  return esrt.lastAttemptStatus === 0 && esrt.lastAttemptVersion === esrt.fwVersion ? esrt.fwVersion : 0;
}

function belowFloor(situation: Situation): string | undefined {
  const { wanted } = situation;
  const floor = floorOf(situation);
  if (wanted.firmware === undefined || wanted.firmware >= floor) return undefined;
  return `firmware ${formatFirmwareVersion(wanted.firmware)} is below the floor ${formatFirmwareVersion(floor)}: this board can no longer go back to it`;
}

function belowMinimumFrom({ target, running }: Situation): string | undefined {
  const least = target.payload.firmware?.minimumFrom;
  if (least === undefined || running.firmware === undefined || running.firmware >= least) return undefined;
  return `the board runs firmware ${formatFirmwareVersion(running.firmware)}, this release may only follow ${formatFirmwareVersion(least)} or newer`;
}

function overBudget({ target }: Situation): string | undefined {
  const budget = trialBootBudget(target);
  return budget > TRIAL_BOOTS_MAX ? `the trial needs ${budget} boots, the counter holds ${TRIAL_BOOTS_MAX}` : undefined;
}

function foreignCapsule({ observed }: Situation): string | undefined {
  const foreign = observed.esp.capsules.find(capsule => !isOurCapsule(capsule));
  return foreign === undefined
    ? undefined
    : `${foreign.fileName} lies in EFI/UpdateCapsule and is not ours: UEFI would take it too`;
}

/** UEFI and the copy in progress may both hold a capsule: twice the size of what is not yet there. */
function espFull({ observed, target }: Situation): string | undefined {
  const missing = capsulesToPlace(target.payload).filter(capsule => !isPlaced(capsule, observed.esp.capsules));
  const needed = missing.reduce((total, { sizeBytes }) => total + 2 * sizeBytes, 0);
  return missing.length === 0 ? undefined : spaceFor('the ESP', observed.esp.freeBytes, needed);
}

function requiresNewerFirmware({ target, wanted, running }: Situation): string | undefined {
  const required = target.payload.os?.requiresFirmware;
  const had = wanted.firmware ?? running.firmware;
  if (required === undefined || (had !== undefined && had >= required)) return undefined;
  return `the OS requires firmware ${formatFirmwareVersion(required)} or newer, the board has ${had === undefined ? 'none that it can name' : formatFirmwareVersion(had)}`;
}

const spaceFor = (where: string, freeBytes: number, neededBytes: number): string | undefined =>
  freeBytes >= neededBytes
    ? undefined
    : `${where} has ${formatBytes(freeBytes)} free, ${formatBytes(neededBytes)} are needed`;
