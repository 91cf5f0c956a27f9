// What stands for a file that is too large to be read: whoever judges it names it as such by its length alone.

import { LIMITS } from '@seatrial/spec';

export const OVERSIZED: Uint8Array = new Uint8Array(LIMITS.fileBytes + 1);

export const isOversized = (sizeBytes: number): boolean => sizeBytes > LIMITS.fileBytes;
