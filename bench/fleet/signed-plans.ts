// Plans for many boards of one fleet, signed, in the form in which the publishing subjects read them.

import { generateKeyPairSync } from 'node:crypto';
import { encodePlan, type Plan, topic } from '@seatrial/capsule-plan';
import {
  type DeviceId,
  InvariantError,
  parseDeviceId,
  parseKeyId,
  parseOstreeCommit,
  type Signer,
} from '@seatrial/spec';
import { oneBoardTarget, planFor } from '../board/hub-plan.ts';

export const vehicle = (n: number): DeviceId => known(parseDeviceId(`vehicle-${String(n).padStart(6, '0')}`));

/** A key that nobody trusts. */
export const newSigner = (): Signer => ({
  keyId: known(parseKeyId('k-controller-1')),
  privateKey: generateKeyPairSync('ed25519').privateKey,
});

/** The plan of the n-th board; all are alike but for the board. */
export function planOfVehicle(n: number): Plan {
  return { ...planFor(target(), Date.UTC(2026, 10, 21)), device: vehicle(n) };
}

let cached: ReturnType<typeof oneBoardTarget> | undefined;
export function target(): ReturnType<typeof oneBoardTarget> {
  cached ??= oneBoardTarget(known(parseOstreeCommit('b'.repeat(64))));
  return cached;
}

/** TOPIC, line feed, LENGTH, line feed, BYTES, one message after the other. */
export function signedPlans(count: number): { readonly messages: Uint8Array; readonly messageBytes: number } {
  const signer = newSigner();
  const parts = Array.from({ length: count }, (_, n) => {
    const message = encodePlan(planOfVehicle(n), [signer]);
    return Buffer.concat([Buffer.from(`${topic(vehicle(n), 'plan')}\n${message.byteLength}\n`), message]);
  });
  return { messages: Buffer.concat(parts), messageBytes: encodePlan(planOfVehicle(0), [signer]).byteLength };
}

function known<T>(value: T | undefined): T {
  if (value === undefined) throw new InvariantError('constants are well formed');
  return value;
}
