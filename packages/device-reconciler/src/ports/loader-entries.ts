// The port to the boot loader's entries and to the variables over which it talks with the system.

import type { EntryName, LoaderEntry } from '@seatrial/capsule-plan';

export interface LoaderEntries {
  /** Every `loader/entries/*.conf`, in no particular order. Fails with `loader-io`. */
  list(): Promise<readonly LoaderEntry[]>;
  /**
   * One rename that never overwrites. Done when the new name is there and the old one is not. Fails with
   * `loader-entry-missing`, `loader-entry-exists`, `loader-io`.
   */
  rename(from: EntryName, to: EntryName): Promise<void>;
}
