// The EFI System Resource Table entry of one firmware, and what it says about the last capsule [UEFI-23.4, QC-CAPSULE-VARIABLES].

import type { FirmwareVersion, Guid } from '@seatrial/spec';

/** One directory below /sys/firmware/efi/esrt/entries. */
export interface EsrtEntry {
  readonly fwClass: Guid;
  readonly fwType: number;
  readonly fwVersion: FirmwareVersion;
  readonly lowestSupportedFwVersion: FirmwareVersion;
  readonly capsuleFlags: number;
  readonly lastAttemptVersion: FirmwareVersion;
  readonly lastAttemptStatus: number;
}

export type LastAttemptStatusName =
  | 'success'
  | 'unsuccessful'
  | 'insufficient-resources'
  | 'incorrect-version'
  | 'invalid-format'
  | 'authentication-error'
  | 'power-event-ac'
  | 'power-event-battery'
  | 'unsatisfied-dependencies'
  | 'vendor-specific'
  | 'unknown';

const STATUS_NAMES: readonly LastAttemptStatusName[] = [
  'success',
  'unsuccessful',
  'insufficient-resources',
  'incorrect-version',
  'invalid-format',
  'authentication-error',
  'power-event-ac',
  'power-event-battery',
  'unsatisfied-dependencies',
];

/** LAST_ATTEMPT_STATUS by name; 0x1000 to 0x3FFF are the vendor's own. */
export const lastAttemptStatusName = (status: number): LastAttemptStatusName =>
  STATUS_NAMES[status] ?? (status >= 0x1000 && status <= 0x3fff ? 'vendor-specific' : 'unknown');

/** What the ESRT says about a request for `target`, given the entry as it was when the request was made. */
export type CapsuleOutcome =
  | 'applied'
  | 'refused'
  | 'metadata-unreadable'
  | 'rolled-back'
  /** The row speaks of an earlier attempt. */
  | 'stale';

/** The columns of DESIGN's truth table that decide. */
export type LastAttempt = Pick<EsrtEntry, 'fwVersion' | 'lastAttemptVersion' | 'lastAttemptStatus'>;

/** How the row is to be read. */
export interface CapsuleRequest {
  readonly before: LastAttempt;
  readonly target: FirmwareVersion;
  /** The firmware has cleared the request in OsIndications: it has looked at the capsule. */
  readonly consumed: boolean;
}

/**
 * Reads the row of a new boot. A row like the one before the request says nothing, unless the firmware is known to have
 * looked: then it has come to the same end again. The target version running proves itself; nobody else installs it.
 */
export function capsuleOutcome(after: LastAttempt, { before, target, consumed }: CapsuleRequest): CapsuleOutcome {
  if (after.fwVersion === target) return 'applied';
  if (sameRow(before, after) && !consumed) return 'stale';
  if (after.lastAttemptVersion === target) return after.lastAttemptStatus === 0 ? 'rolled-back' : 'refused';
  if (after.lastAttemptVersion !== 0) return 'stale';
  // The firmware did not get as far as the version.
  return after.lastAttemptStatus === 0 ? 'metadata-unreadable' : 'refused';
}

const sameRow = (a: LastAttempt, b: LastAttempt): boolean =>
  a.fwVersion === b.fwVersion &&
  a.lastAttemptVersion === b.lastAttemptVersion &&
  a.lastAttemptStatus === b.lastAttemptStatus;
