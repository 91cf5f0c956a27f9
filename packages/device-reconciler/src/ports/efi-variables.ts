// The port to UEFI variables.

import type { EfiVariable } from '@seatrial/capsule-plan';
import type { Guid } from '@seatrial/spec';

export interface VariableId {
  readonly name: string;
  readonly guid: Guid;
}

/** A change is whole or not at all: the firmware takes one variable at a time. */
export interface EfiVariables {
  /** Undefined where the variable does not exist. Fails with `efi-variable-malformed`, `efivarfs-io`. */
  read(id: VariableId): Promise<EfiVariable | undefined>;
  /**
   * Creates or replaces, and reads back. Fails with `efivarfs-missing`, `efivarfs-read-only`, `efivarfs-full`,
   * `efivarfs-io`, `efi-read-back`.
   */
  write(id: VariableId, variable: EfiVariable): Promise<void>;
  /** Also done when there is none. Fails as `write`. */
  remove(id: VariableId): Promise<void>;
  writable(): Promise<boolean>;
}
