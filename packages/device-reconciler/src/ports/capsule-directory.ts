// The port to EFI/UpdateCapsule on the ESP, from which UEFI takes capsules at power-on.

import type { ObservedCapsule } from '@seatrial/capsule-plan';
import type { ByteCount, Sha256 } from '@seatrial/spec';

export interface CapsuleToCopy {
  readonly fileName: string;
  readonly sha256: Sha256;
  /** Where the verified artefact lies. */
  readonly sourcePath: string;
}

export interface CapsuleDirectory {
  /** Every `*.cap`, alphabetically, with its content's digest. Fails with `esp-io`. */
  list(): Promise<readonly ObservedCapsule[]>;
  /**
   * The file appears under its name whole, on the disk and read back, or not at all. Fails with `artifact-corrupt` when
   * the source is not what it should be, `esp-full`, `esp-read-only`, `esp-io`, `esp-read-back`.
   */
  place(capsule: CapsuleToCopy): Promise<void>;
  /** Also done when there is none. Fails with `esp-read-only`, `esp-io`. */
  remove(fileName: string): Promise<void>;
  writable(): Promise<boolean>;
  /** What a copy may use; what is left of interrupted copies counts as free. */
  freeBytes(): Promise<ByteCount>;
}
