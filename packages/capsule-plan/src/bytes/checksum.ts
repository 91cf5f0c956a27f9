// The additive checksums of firmware volumes and FFS files [PI-1.8 3.2.3].

import { createWideSum, STEP_BYTES, type WideSum } from './simd-sum.ts';

let wideSum: WideSum | undefined;

/** The 8-bit sum of all bytes. */
export function sum8(bytes: Uint8Array): number {
  const wide = bytes.length - (bytes.length % STEP_BYTES);
  let sum = 0;
  if (wide > 0) {
    wideSum ??= createWideSum();
    sum = wideSum(bytes.subarray(0, wide));
  }
  for (let at = wide; at < bytes.length; at += 1) sum += bytes[at] ?? 0;
  return sum & 0xff;
}

/** The value that makes an 8-bit sum zero. */
export const negated8 = (sum: number): number => -sum & 0xff;

/** The 16-bit sum of little-endian words; a last odd byte is not counted. */
export function sum16(bytes: Uint8Array): number {
  let sum = 0;
  for (let at = 0; at + 1 < bytes.length; at += 2) sum += (bytes[at] ?? 0) + (bytes[at + 1] ?? 0) * 0x100;
  return sum & 0xffff;
}
