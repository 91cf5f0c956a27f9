// OsIndications: 64 bits through which the OS asks the firmware for something at the next power-on [UEFI-8.5.4].

import { err, ok, type Result } from '@seatrial/spec';

/** EFI_OS_INDICATIONS_FILE_CAPSULE_DELIVERY_SUPPORTED: process the capsules in EFI/UpdateCapsule. */
export const FILE_CAPSULE_DELIVERY = 1n << 2n;

/** Fails with `os-indications-width` unless the value has exactly 8 bytes. */
export function decodeOsIndications(value: Uint8Array): Result<bigint, 'os-indications-width'> {
  if (value.byteLength !== 8) return err('os-indications-width');
  return ok(new DataView(value.buffer, value.byteOffset, 8).getBigUint64(0, true));
}

export function encodeOsIndications(bits: bigint): Uint8Array {
  const value = new Uint8Array(8);
  new DataView(value.buffer).setBigUint64(0, bits, true);
  return value;
}

/** Asks for capsules; what others asked for stays. */
export const withCapsuleDelivery = (bits: bigint): bigint => bits | FILE_CAPSULE_DELIVERY;
/** Takes our request back; what others asked for stays. */
export const withoutCapsuleDelivery = (bits: bigint): bigint => bits & ~FILE_CAPSULE_DELIVERY;
export const asksForCapsuleDelivery = (bits: bigint): boolean => (bits & FILE_CAPSULE_DELIVERY) !== 0n;
