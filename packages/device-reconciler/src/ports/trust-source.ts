// The port to whom the board believes.

import type { SigningRole } from '@seatrial/spec';

export interface TrustSource {
  /** Who may sign plans. Fails with `trust-missing`, `trust-malformed`. */
  controller(): Promise<SigningRole>;
}
