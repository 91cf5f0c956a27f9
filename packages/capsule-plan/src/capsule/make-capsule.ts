// Builds a whole capsule in memory: for tests, demonstrations and small firmware. Files go through the layout instead.

import { createHash, type Hash } from 'node:crypto';
import { ok, type Result } from '@seatrial/spec';
import { concatBytes } from '../bytes/writer.ts';
import { type CapsuleInput, layOutCapsule, type PayloadInput, type PayloadPlan } from './build-capsule.ts';
import type { CapsuleError } from './errors.ts';
import { blockBytes, type LocalSigner, signPayload } from './pkcs7/signer.ts';
import { bytesOf } from './segments.ts';

export type UnsignedPayload = Omit<PayloadInput<Uint8Array>, 'signatureBytes'>;

export interface CapsuleContents extends Omit<CapsuleInput<Uint8Array>, 'payloads'> {
  readonly payloads: readonly UnsignedPayload[];
  /** Signs every payload; without it the capsule is unsigned. */
  readonly signer?: LocalSigner | undefined;
}

/** The finished capsule. Fails as layOutCapsule and signPayload do. */
export function buildCapsule({ signer, ...contents }: CapsuleContents): Result<Uint8Array, CapsuleError> {
  const signatureBytes = signer === undefined ? undefined : blockBytes(signer);
  const payloads = contents.payloads.map(payload => ({ ...payload, signatureBytes }));
  const plan = layOutCapsule({ ...contents, payloads });
  if (!plan.ok) return plan;
  const file = concatBytes([...bytesOf(plan.value.segments)]);
  for (const payload of plan.value.payloads) {
    if (signer === undefined || payload.signature === undefined) continue;
    const block = signPayload(signer, payloadDigest(payload, createHash(signer.digestName)));
    if (!block.ok) return block;
    file.set(block.value, payload.signature.offset);
  }
  return ok(file);
}

/** The digest that a payload's signature covers. */
function payloadDigest(payload: PayloadPlan<Uint8Array>, hash: Hash): Uint8Array {
  for (const bytes of bytesOf(payload.signed)) hash.update(bytes);
  return hash.update(payload.count).digest();
}
