// The additive checksums of firmware volumes and FFS files (UEFI PI 1.8, volume 3).

/** The 8-bit sum of all bytes. Adds four bytes at once, since it runs over whole images. */
export function sum8(bytes: Uint8Array): number {
  const lead = Math.min(bytes.length, -bytes.byteOffset & 3);
  const words = (bytes.length - lead) >>> 2;
  const tail = lead + words * 4;
  return (sumEach(bytes, 0, lead) + sumWords(bytes, lead, words) + sumEach(bytes, tail, bytes.length)) & 0xff;
}

function sumEach(bytes: Uint8Array, from: number, to: number): number {
  let sum = 0;
  for (let at = from; at < to; at += 1) sum += bytes[at] ?? 0;
  return sum;
}

/** How many words fit before a 16-bit lane of byte sums could run over: 256 * 255 is below 2^16. */
const LANE_WORDS = 256;
const LANES = 0x00ff00ff;

function sumWords(bytes: Uint8Array, from: number, count: number): number {
  if (count === 0) return 0;
  const words = new Int32Array(bytes.buffer, bytes.byteOffset + from, count);
  let even = 0;
  let odd = 0;
  for (let at = 0; at < count; ) {
    // Two bytes of each word per accumulator, 16 bits apart, cut back to 8 bits before they could meet.
    for (const end = Math.min(at + LANE_WORDS, count); at < end; at += 1) {
      const word = (words[at] ?? 0) | 0;
      even = (even + (word & LANES)) | 0;
      odd = (odd + ((word >>> 8) & LANES)) | 0;
    }
    even &= LANES;
    odd &= LANES;
  }
  return even + (even >>> 16) + odd + (odd >>> 16);
}

/** The value that makes an 8-bit sum zero. */
export const negated8 = (sum: number): number => -sum & 0xff;

/** The 16-bit sum of little-endian words; a last odd byte is not counted. */
export function sum16(bytes: Uint8Array): number {
  let sum = 0;
  for (let at = 0; at + 1 < bytes.length; at += 2) sum += (bytes[at] ?? 0) + (bytes[at + 1] ?? 0) * 0x100;
  return sum & 0xffff;
}
