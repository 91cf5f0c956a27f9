// The port to what a board knows about itself and its surroundings: its boot, its zone, its room, the facts for the gates.

import type { GateFacts } from '@seatrial/capsule-plan';
import type { BootId, ByteCount } from '@seatrial/spec';

export interface BoardFacts {
  /** Fails with `boot-id-missing`. */
  bootId(): Promise<BootId>;
  /** IANA name; `UTC` where none is set. */
  timeZone(): Promise<string>;
  gates(): Promise<GateFacts>;
  /** Undefined where the board can not tell. */
  rpmbProvisioned(): Promise<boolean | undefined>;
  /** Room on the file system below the given path of the board. */
  freeBytes(path: string): Promise<ByteCount>;
}
