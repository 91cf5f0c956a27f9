// How the fakes weigh a file: by its bytes, unless somebody has stand-ins that count as other files.

import { type ByteCount, bytes, type Sha256, sha256Hex } from '@seatrial/spec';

export interface Measure {
  sizeOf(content: Uint8Array): ByteCount;
  digestOf(content: Uint8Array): Sha256;
}

export const BY_CONTENT: Measure = {
  sizeOf: content => bytes(content.byteLength),
  digestOf: content => sha256Hex(content),
};
