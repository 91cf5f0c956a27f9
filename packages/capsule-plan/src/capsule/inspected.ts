// A capsule taken apart as far as it was judged: what inspection prints and what verification hands back.

import type { ByteRange } from '../bytes/reading.ts';
import type { Authentication } from './authentication.ts';
import type { CapsuleEnvelope, ImageItem } from './envelope.ts';
import type { Metadata } from './metadata.ts';
import type { PayloadHead } from './payload-header.ts';
import type { JudgedSigner } from './pkcs7/judge.ts';
import type { Volume } from './read-volume.ts';

/** One payload. A member is missing where the judgement ended before it, or where the payload has no such part. */
export interface InspectedPayload {
  readonly image: ImageItem;
  readonly authentication?: Authentication | undefined;
  readonly signers?: readonly JudgedSigner[];
  /** Dependency, payload header and body: all that a signature covers except the count. */
  readonly signed?: ByteRange;
  /** By digest name, over the signed bytes and the count. */
  readonly digests?: Readonly<Record<string, Uint8Array>>;
  readonly head?: PayloadHead;
  readonly volume?: Volume;
  readonly metadata?: Metadata;
}

export interface InspectedCapsule {
  readonly sizeBytes: number;
  readonly envelope: CapsuleEnvelope;
  readonly payloads: readonly InspectedPayload[];
}
