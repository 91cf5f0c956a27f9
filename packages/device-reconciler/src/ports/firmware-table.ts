// The port to the EFI System Resource Table.

import type { EsrtEntry } from '@seatrial/capsule-plan';

export interface FirmwareTable {
  /** Every row; none where the firmware publishes no table. Fails with `esrt-malformed`. */
  rows(): Promise<readonly EsrtEntry[]>;
}
