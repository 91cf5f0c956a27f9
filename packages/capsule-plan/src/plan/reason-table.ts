// Why a board waits, is blocked or has failed, in words for the person who asks: each reason with its cause and remedy.

import type { FailureReason } from './journal.ts';
import type { BlockedReason, PatientReason, WaitReason } from './step.ts';

export interface Explanation {
  /** How one comes to see this. */
  readonly cause: string;
  /** What to do about it. */
  readonly remedy: string;
}

const row = (cause: string, remedy: string): Explanation => ({ cause, remedy });

const gate = (fact: string, remedy: string): Explanation =>
  row(`The fleet asks for ${fact}, and it is not so.`, remedy);

/** Waits that pass by themselves. */
export const PATIENT_REASONS = {
  'window-closed': row(
    'No maintenance window of the fleet is open on the board’s clock.',
    'Nothing: the board acts when one opens. Widen `windows` of the fleet if it must be sooner.',
  ),
  'clock-not-set': row(
    'The board’s clock shows a time before 2025, so that windows can not be judged.',
    'See that the board reaches a time server.',
  ),
  'download-network': row(
    'The board is on a network over which the fleet allows no downloads.',
    'Nothing: it fetches as soon as it is on another one. Compare `download.networks` of the fleet.',
  ),
  'download-jitter': row(
    'Boards begin their downloads at different moments, and it is not yet this one’s turn.',
    'Nothing. Shorten `download.jitter` of the fleet if it takes too long.',
  ),
  'gate-battery': gate('a battery charge or voltage', 'Charge the board, or lower `gates.battery` of the fleet.'),
  'gate-parked': gate('a parked vehicle', 'Park it, or see why /run/seatrial/facts/parked does not say so.'),
  'gate-charging': gate('a board that is charging', 'Plug it in, or set `gates.charging: false`.'),
  'gate-network': gate('another class of network', 'Bring it to such a network, or widen `gates.network`.'),
  'gate-maintenanceMode': gate('maintenance mode', 'Switch it on at the board: /run/seatrial/facts/maintenanceMode.'),
  'gate-consent': gate('the consent of whoever uses the board', 'Ask for it: /run/seatrial/facts/consent.'),
} as const satisfies Readonly<Record<PatientReason, Explanation>>;

/** Waits that last until somebody changes something. */
export const BLOCKED_REASONS = {
  'firmware-below-floor': row(
    'The release brings firmware below the lowest version that this board may ever run again.',
    'Release this content with a newer firmware version. No git revert can lower the floor.',
  ),
  'firmware-below-minimum-from': row(
    'The release may only follow firmware that is newer than what the board runs.',
    'Bring the board to a release in between first, by a pin or its own fleet.',
  ),
  'os-requires-firmware': row(
    'The OS of the release requires firmware that the board does not have and the release does not bring.',
    'Release the firmware first, or put both into one release.',
  ),
  'esrt-missing': row(
    'The firmware publishes no ESRT row for the fwClass of the Board: RPMB may not be provisioned, or the GUID is another board’s.',
    'Compare /sys/firmware/efi/esrt/entries/*/fw_class with `fwClass` of the Board; provision RPMB.',
  ),
  'rpmb-not-provisioned': row(
    'RPMB is not provisioned, so that firmware would have neither trial nor way back, and the Board requires a trial.',
    'Provision RPMB, or accept the risk in writing: `firmware.trial: unavailable` of the Board.',
  ),
  'capsule-on-disk-unsupported': row(
    'Bit 2 of OsIndicationsSupported is clear: this firmware takes no capsules from the ESP.',
    'Update the firmware by other means to one that does.',
  ),
  'efivarfs-read-only': row('UEFI variables can not be written.', 'Mount efivarfs read-write on the board.'),
  'esp-read-only': row('The ESP can not be written.', 'Check its file system (fsck.fat) and mount it read-write.'),
  'esp-full': row(
    'The ESP does not have twice the size of the capsules free.',
    'Remove what does not belong there; a larger ESP needs a new partition table.',
  ),
  'boot-full': row('/boot has no room for another kernel.', 'Remove what OSTree did not put there.'),
  'foreign-capsule': row(
    'A capsule that Seatrial did not place lies in EFI/UpdateCapsule; UEFI would take it along with ours.',
    'Find out who put it there, then remove it.',
  ),
  'trial-budget': row(
    'The trial needs more boots than the four bits of TrialBootMaxCount can count.',
    'Lower `trial.bootTries` of the fleet.',
  ),
  'trial-of-unknown-origin': row(
    'The firmware is on a trial that this agent did not begin, and is not what is wanted.',
    'Find out who began it. Clear or exhaust the trial by hand, then let the board look again.',
  ),
  'no-blessed-deployment': row(
    'No OSTree deployment is known to be good, so that there would be nothing to fall back to.',
    'Bless what runs once it is seen to be healthy: systemd-bless-boot good.',
  ),
} as const satisfies Readonly<Record<BlockedReason, Explanation>>;

/** How an attempt ended; it is not made again until git changes or an engineer says so. */
export const FAILURE_REASONS = {
  'capsule-refused': row(
    'The firmware looked at the capsule and refused it; LAST_ATTEMPT_STATUS says why.',
    'Look the status up: 3 version, 4 format, 5 authentication, 6 and 7 power. Verify the file with `seatrial capsule verify`.',
  ),
  'capsule-metadata-unreadable': row(
    'The firmware took the capsule up and could not read its metadata.',
    'Build the capsule again and inspect it with `seatrial capsule inspect`.',
  ),
  'capsule-ignored': row(
    'The firmware started with the request set and left the capsule alone.',
    'See that the capsule lies on the ESP that the firmware booted from, and that capsules on disk are enabled in its setup.',
  ),
  'firmware-rolled-back': row(
    'The new firmware used up its trial before any OS could accept it; UEFI restored the old one.',
    'Look at the serial console of a board on this firmware; raise `trial.bootTries` if it was merely slow.',
  ),
  'os-unhealthy': row(
    'The new OS booted and failed its health checks on every try.',
    'Look at the named checks on the board’s journal of the failed boots (journalctl -b -1), then release a repaired OS.',
  ),
  'os-fell-back': row(
    'The new OS did not come up; the boot loader went back to the old one.',
    'Look at the serial console: a hang or panic leaves no trace in the journal of the old OS.',
  ),
  'os-on-old-firmware': row(
    'UEFI took its firmware back while the new OS was on trial, so that this pair was never meant to run together.',
    'Raise the trial budget: fewer `trial.bootTries`, or an OS that is healthy sooner.',
  ),
  'firmware-unhealthy': row(
    'The OS that was there failed its health checks on the new firmware.',
    'Compare the health checks before and after; release firmware that this OS runs on.',
  ),
  superseded: row('A newer plan arrived while this one was under way.', 'Nothing: the board follows the newer one.'),
  'firmware-cannot-go-back': row(
    'The firmware was asked to go back and still runs: its floor is reached. The old OS runs on the new firmware.',
    'Release an OS that runs on this firmware, or newer firmware; the old one is gone for good.',
  ),
} as const satisfies Readonly<Record<FailureReason, Explanation>>;

/** Why a board waits. */
export const explainWait = (reason: WaitReason): Explanation => ({ ...PATIENT_REASONS, ...BLOCKED_REASONS })[reason];
