// An 8-bit sum over 64 bytes a step, by a WebAssembly function of one loop: whole images are summed, and plain code takes a
// third of the time of their SHA-256 for it.

/** The part of the WebAssembly interface that is used; neither es2023 nor Node's types declare it. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (
    module: object,
  ) => {
    readonly exports: {
      readonly m: { readonly buffer: ArrayBuffer };
      readonly s: (from: number, to: number) => number;
    };
  };
};

/**
 * The module below, assembled. A test holds it against plain addition.
 *
 *     (module
 *       (memory (export "m") 1)
 *       (func (export "s") (param $from i32) (param $to i32) (result i32) (local $sum v128)
 *         (loop $next
 *           (local.set $sum (i8x16.add (i8x16.add (i8x16.add (i8x16.add (local.get $sum)
 *             (v128.load align=1 (local.get $from))) (v128.load align=1 offset=16 (local.get $from)))
 *             (v128.load align=1 offset=32 (local.get $from))) (v128.load align=1 offset=48 (local.get $from))))
 *           (br_if $next (i32.lt_u (local.tee $from (i32.add (local.get $from) (i32.const 64))) (local.get $to))))
 *         (local.set $sum (i32x4.extadd_pairwise_i16x8_u (i16x8.extadd_pairwise_i8x16_u (local.get $sum))))
 *         (i32.add (i32.add (i32.add (i32x4.extract_lane 0 (local.get $sum)) (i32x4.extract_lane 1 (local.get $sum)))
 *           (i32x4.extract_lane 2 (local.get $sum))) (i32x4.extract_lane 3 (local.get $sum)))))
 */
const MODULE =
  'AGFzbQEAAAABBwFgAn9/AX8DAgEABQMBAAEHCQIBbQIAAXMAAApZAVcBAXsDQCACIAD9AAAA/W4gAP0AABD9biAA/QAAIP1uIAD9AAAw/W4hAiAA' +
  'QcAAaiIAIAFJDQALIAL9ff1/IQIgAv0bACAC/RsBaiAC/RsCaiAC/RsDags=';

export const STEP_BYTES = 64;
/** All of the module's memory. */
const PAGE_BYTES = 64 * 1024;

/** The sum of a multiple of 64 bytes, not masked. */
export type WideSum = (bytes: Uint8Array) => number;

/** Made when it is first needed, so that a program that sums nothing pays nothing. */
export function createWideSum(): WideSum {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(MODULE, 'base64')));
  const page = new Uint8Array(exports.m.buffer);
  return bytes => {
    let sum = 0;
    for (let at = 0; at < bytes.length; at += PAGE_BYTES) {
      const piece = bytes.subarray(at, at + PAGE_BYTES);
      page.set(piece);
      sum += exports.s(0, piece.length);
    }
    return sum;
  };
}
