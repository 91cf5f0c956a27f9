// What a capsule claims to be, read without looking at its signature: enough to plan with, not enough to trust.

import { type ByteCount, bytes, err, type FirmwareVersion, type Guid, ok, type Result } from '@seatrial/spec';
import { type Reading, readFromBytes } from '../bytes/reading.ts';
import { readAuthentication } from './authentication.ts';
import type { DependencyStep } from './dependency.ts';
import { type ImageItem, readEnvelope } from './envelope.ts';
import { type CapsuleError, capsuleError } from './errors.ts';
import { readPayloadHead } from './payload-header.ts';

/** One payload as its headers describe it. */
export interface PayloadSummary {
  /** Equals the `fwClass` of the ESRT entry that the payload is for. */
  readonly imageTypeId: Guid;
  readonly imageIndex: number;
  /** 0 means any. */
  readonly hardwareInstance: bigint;
  readonly fwVersion: FirmwareVersion;
  readonly lowestSupportedFwVersion: FirmwareVersion;
  /** An authentication block is present; whether it verifies is not known here. */
  readonly signed: boolean;
  /** Undefined where the payload carries no expression. */
  readonly dependency: readonly DependencyStep[] | undefined;
  /** The firmware volume alone. */
  readonly bodyBytes: ByteCount;
}

/** A capsule as its headers describe it; the fields of its first payload stand at the top. */
export interface CapsuleSummary extends PayloadSummary {
  readonly sizeBytes: ByteCount;
  /** EFI_CAPSULE_HEADER.Flags; the low 16 bits belong to the firmware class. */
  readonly flags: number;
  readonly payloads: readonly PayloadSummary[];
}

/** Summarises a whole capsule in memory. Fails with a code of layer capsule, fmp, image, auth or payload; never throws. */
export const readCapsuleSummary = (capsule: Uint8Array): Result<CapsuleSummary, CapsuleError> =>
  readFromBytes(capsule, summarizeCapsule(capsule.length));

/** The same for a source of `sizeBytes` that is not in memory: asks for headers only. */
export function* summarizeCapsule(sizeBytes: number): Reading<Result<CapsuleSummary, CapsuleError>> {
  const envelope = yield* readEnvelope(sizeBytes);
  if (!envelope.ok) return envelope;
  if (envelope.value.kind !== 'fmp')
    return err(capsuleError('FMP_NO_ITEMS', `a capsule of kind ${envelope.value.kind}`));
  const { frame, images } = envelope.value;
  const payloads: PayloadSummary[] = [];
  for (const image of images) {
    const payload = yield* summarizePayload(image);
    if (!payload.ok) return payload;
    payloads.push(payload.value);
  }
  const [first] = payloads;
  if (first === undefined) return err(capsuleError('FMP_NO_ITEMS', 'no payload'));
  return ok({ ...first, sizeBytes: bytes(sizeBytes), flags: frame.flags, payloads });
}

function* summarizePayload(image: ImageItem): Reading<Result<PayloadSummary, CapsuleError>> {
  const parts = yield* readAuthentication(image);
  if (!parts.ok) return parts;
  const head = yield* readPayloadHead(image.header, parts.value.signed);
  if (!head.ok) return head;
  const { header, dependency, body } = head.value;
  return ok({
    imageTypeId: image.header.updateImageTypeId,
    imageIndex: image.header.updateImageIndex,
    hardwareInstance: image.header.updateHardwareInstance,
    fwVersion: header.fwVersion,
    lowestSupportedFwVersion: header.lowestSupportedVersion,
    signed: parts.value.authentication !== undefined,
    dependency: dependency?.steps,
    bodyBytes: bytes(body.length),
  });
}
