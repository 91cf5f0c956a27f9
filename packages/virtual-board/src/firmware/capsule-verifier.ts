// What the firmware makes of a capsule's bytes: who it is for, what it brings, or why it is not believed.

import type { FirmwareVersion, Guid } from '@seatrial/spec';

/** LAST_ATTEMPT_STATUS values that this firmware gives itself [UEFI-23.4]. */
export const ATTEMPT_STATUS = {
  success: 0,
  unsuccessful: 1,
  insufficientResources: 2,
  incorrectVersion: 3,
  invalidFormat: 4,
  authenticationError: 5,
  powerEventAc: 6,
  powerEventBattery: 7,
  unsatisfiedDependencies: 8,
} as const;

export interface CapsuleFile {
  readonly fileName: string;
  readonly bytes: Uint8Array;
}

export type CapsuleVerdict =
  | {
      readonly kind: 'genuine';
      readonly fwClass: Guid;
      readonly version: FirmwareVersion;
      readonly lowestSupported: FirmwareVersion;
    }
  /** `version` as far as it could be read; `status` is what the ESRT row will say. */
  | { readonly kind: 'refused'; readonly status: number; readonly version?: FirmwareVersion; readonly detail: string }
  | { readonly kind: 'metadata-unreadable'; readonly detail: string };

/** Judges one capsule against the trust anchor that is built into the board. Never throws. */
export type CapsuleVerifier = (bytes: Uint8Array) => CapsuleVerdict;
