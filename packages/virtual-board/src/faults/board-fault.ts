// Everything that can be made to go wrong on a board, as data: a test or a demonstration says what, the board does it.

import type { FirmwareFault } from '../firmware/state.ts';
import type { StorageFault } from './storage-fault.ts';

export type BoardFault =
  | { readonly kind: 'firmware'; readonly fault: FirmwareFault }
  /** Firmware that fills no ESRT. */
  | { readonly kind: 'esrt-missing' }
  /** Bits of others in OsIndications, set now. */
  | { readonly kind: 'foreign-indications'; readonly bits: bigint }
  /** A capsule that nobody here has placed, put on the ESP now. */
  | { readonly kind: 'foreign-capsule'; readonly fileName: string; readonly bytes: Uint8Array }
  /** `esp`, `efivars` or `sysroot` is full or read-only while the OS runs, from now until it is lifted. */
  | { readonly kind: 'storage'; readonly place: StoragePlace; readonly fault: StorageFault }
  /** The loader takes no notice of exhausted boot entries, until lifted. */
  | { readonly kind: 'loader-ignores-exhaustion' }
  /** The next rename by systemd-bless-boot does not survive a power cut, though it was answered with success. */
  | { readonly kind: 'bless-not-synced' }
  /** The agent is killed at its n-th such system call (counted from 1), and the power goes with it. Once. */
  | { readonly kind: 'power-cut-at-system-call'; readonly cut: SystemCallCut };

export type StoragePlace = 'esp' | 'efivars' | 'sysroot';

export interface SystemCallCut {
  /** As strace names it: `fsync`, `rename`, `openat`, `unlink`. */
  readonly call: string;
  readonly nth: number;
  /** Counts only calls on this absolute path. */
  readonly path?: string;
}
