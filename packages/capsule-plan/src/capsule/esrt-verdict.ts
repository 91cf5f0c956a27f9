// May this capsule go to this firmware, and what would the firmware answer: the capsule's claims against one ESRT entry.

import { err, type FirmwareVersion, formatFirmwareVersion, type Guid, ok, type Result } from '@seatrial/spec';
import { evaluateDependency } from './dependency.ts';
import { type CapsuleError, type CapsuleErrorCode, capsuleError } from './errors.ts';
import type { CapsuleSummary, PayloadSummary } from './summary.ts';

/** The members of /sys/firmware/efi/esrt/entries/entryN that decide. */
export interface EsrtTarget {
  readonly fwClass: Guid;
  readonly fwVersion: FirmwareVersion;
  readonly lowestSupportedFwVersion: FirmwareVersion;
  /** Only the low 16 bits count (UEFI 2.11, section 23.4). */
  readonly capsuleFlags: number;
}

/** What is put into the firmware. `downgrade` is allowed down to the floor. */
export interface Applicable {
  readonly payload: PayloadSummary;
  readonly change: 'upgrade' | 'same' | 'downgrade';
  /** Qualcomm's firmware raises `lowest_supported_fw_version` to the version that it commits; nothing lowers it again. */
  readonly floorAfterCommit: FirmwareVersion;
}

/** `lastAttemptStatus` is what the ESRT would show; undefined where no firmware claims the capsule and it stays as it was. */
export interface EsrtRefusal extends CapsuleError {
  readonly lastAttemptStatus: number | undefined;
}

export const LAST_ATTEMPT_STATUS = { incorrectVersion: 3, unsatisfiedDependencies: 8 } as const;

const CLASS_FLAGS = 0xffff;
const hex4 = (flags: number): string => `0x${flags.toString(16).padStart(4, '0')}`;

/**
 * The verdict for one ESRT entry; `others` are the remaining entries, which dependency expressions may name.
 * Fails with ESRT_GUID, ESRT_FLAGS, ESRT_FLOOR or ESRT_DEPENDENCY. Says nothing about signatures.
 */
export function judgeForEsrt(
  capsule: CapsuleSummary,
  entry: EsrtTarget,
  others: readonly EsrtTarget[] = [],
): Result<Applicable, EsrtRefusal> {
  const payload = capsule.payloads.find(({ imageTypeId }) => imageTypeId === entry.fwClass);
  if (payload === undefined)
    return refuse('ESRT_GUID', undefined, `for ${capsule.imageTypeId}, the board has ${entry.fwClass}`);
  const wanted = entry.capsuleFlags & CLASS_FLAGS;
  if ((capsule.flags & CLASS_FLAGS) !== wanted)
    return refuse('ESRT_FLAGS', undefined, `${hex4(capsule.flags & CLASS_FLAGS)}, the board has ${hex4(wanted)}`);
  if (payload.fwVersion < entry.lowestSupportedFwVersion) {
    const text = [payload.fwVersion, entry.lowestSupportedFwVersion].map(formatFirmwareVersion).join(' is below ');
    return refuse('ESRT_FLOOR', LAST_ATTEMPT_STATUS.incorrectVersion, text);
  }
  if (!dependencyHolds(payload, [entry, ...others]))
    return refuse('ESRT_DEPENDENCY', LAST_ATTEMPT_STATUS.unsatisfiedDependencies, 'not satisfied by this board');
  return ok({ payload, change: changeOf(payload.fwVersion, entry.fwVersion), floorAfterCommit: payload.fwVersion });
}

const refuse = (code: CapsuleErrorCode, lastAttemptStatus: number | undefined, detail: string) =>
  err({ ...capsuleError(code, detail), lastAttemptStatus });

const dependencyHolds = (payload: PayloadSummary, entries: readonly EsrtTarget[]): boolean =>
  payload.dependency === undefined ||
  evaluateDependency(payload.dependency, guid => entries.find(({ fwClass }) => fwClass === guid)?.fwVersion) === true;

const changeOf = (next: number, now: number): Applicable['change'] => {
  if (next === now) return 'same';
  return next > now ? 'upgrade' : 'downgrade';
};
