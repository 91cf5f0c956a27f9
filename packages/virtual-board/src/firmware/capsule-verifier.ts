// What the firmware makes of a capsule's bytes: who it is for, what it brings, or why it is not believed.

import { type CapsuleLayer, readCapsuleSummary } from '@seatrial/capsule-plan';
import {
  type Certificate,
  type DependencyStep,
  EDK2_POLICY,
  type InspectedPayload,
  verifyCapsule,
} from '@seatrial/capsule-plan/capsule';
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

/** One image of a capsule, for the firmware whose class it names. */
export interface CapsuleImage {
  readonly fwClass: Guid;
  readonly version: FirmwareVersion;
  readonly lowestSupported: FirmwareVersion;
  /** A condition on installed versions; undefined where the capsule has none. */
  readonly dependency?: readonly DependencyStep[] | undefined;
}

export type CapsuleVerdict =
  | { readonly kind: 'genuine'; readonly images: readonly CapsuleImage[] }
  /** `version` as far as it could be read; `status` is what the ESRT row will say. */
  | { readonly kind: 'refused'; readonly status: number; readonly version?: FirmwareVersion; readonly detail: string }
  | { readonly kind: 'metadata-unreadable'; readonly detail: string };

/** Judges one capsule against the trust anchor that is built into the board. Never throws. */
export type CapsuleVerifier = (bytes: Uint8Array) => CapsuleVerdict;

/** What becomes of a capsule that does not hold at a layer: a LAST_ATTEMPT_STATUS, or the row of unreadable metadata. */
const VERDICTS: Readonly<Partial<Record<CapsuleLayer, number | 'metadata-unreadable'>>> = {
  capsule: ATTEMPT_STATUS.invalidFormat,
  fmp: ATTEMPT_STATUS.invalidFormat,
  image: ATTEMPT_STATUS.invalidFormat,
  auth: ATTEMPT_STATUS.authenticationError,
  payload: ATTEMPT_STATUS.invalidFormat,
  fv: 'metadata-unreadable',
  meta: 'metadata-unreadable',
  semantic: 'metadata-unreadable',
};

/**
 * The verifier of a board whose firmware was built with these trust anchors: edk2's own rules, as the capsule tools know
 * them. A refused capsule still shows its version where the unsigned headers tell it, as in edk2's FmpDxe.
 */
export const trustingVerifier =
  (anchors: readonly Certificate[]): CapsuleVerifier =>
  bytes => {
    const trust = { kind: 'anchors', anchors } as const;
    const verdict = verifyCapsule(bytes, { trust, policy: EDK2_POLICY });
    if (verdict.kind === 'accepted') return { kind: 'genuine', images: verdict.capsule.payloads.flatMap(imageOf) };
    const { layer, code, detail } = verdict.error;
    const outcome = VERDICTS[layer] ?? ATTEMPT_STATUS.unsuccessful;
    if (outcome === 'metadata-unreadable') return { kind: outcome, detail: `${code} ${detail}` };
    const claims = readCapsuleSummary(bytes);
    const version = claims.ok ? { version: claims.value.fwVersion } : {};
    return { kind: 'refused', status: outcome, ...version, detail: `${code} ${detail}` };
  };

const imageOf = ({ image, head }: InspectedPayload): readonly CapsuleImage[] =>
  head === undefined
    ? []
    : [
        {
          fwClass: image.header.updateImageTypeId,
          version: head.header.fwVersion,
          lowestSupported: head.header.lowestSupportedVersion,
          dependency: head.dependency?.steps,
        },
      ];
