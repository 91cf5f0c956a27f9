// The additive checksums of firmware volumes and FFS files (UEFI PI 1.8, volume 3).

/** The 8-bit sum of all bytes. Adds four bytes at once, since it runs over whole images. */
export function sum8(bytes: Uint8Array): number {
  const lead = Math.min(bytes.length, (4 - (bytes.byteOffset & 3)) & 3);
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset + lead, (bytes.length - lead) >>> 2);
  let [even, odd] = [0, 0];
  for (const word of words) {
    // Each half word collects bytes; only its low 8 bits count, and carries into bit 16 stay harmless when masked.
    even = (even + (word & 0x00ff00ff)) & 0x00ff00ff;
    odd = (odd + ((word >>> 8) & 0x00ff00ff)) & 0x00ff00ff;
  }
  let sum = even + (even >>> 16) + odd + (odd >>> 16);
  for (let at = 0; at < lead; at += 1) sum += bytes[at] ?? 0;
  for (let at = lead + words.length * 4; at < bytes.length; at += 1) sum += bytes[at] ?? 0;
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
