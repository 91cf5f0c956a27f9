// Verifies a capsule layer by layer; the first layer that does not hold ends it, and nothing behind it is looked at.

import { createHash, type Hash } from 'node:crypto';
import { err, type Guid, InvariantError, ok, type Result } from '@seatrial/spec';
import { BlockSums } from '../bytes/block-sums.ts';
import { u64 } from '../bytes/fields.ts';
import { type ByteRange, type Reading, readFromBytes, readRange, visitRange } from '../bytes/reading.ts';
import { type Authentication, type ImageParts, readAuthentication } from './authentication.ts';
import { type CapsuleEnvelope, type ImageItem, readEnvelope } from './envelope.ts';
import { type CapsuleError, capsuleError } from './errors.ts';
import type { InspectedCapsule, InspectedPayload } from './inspected.ts';
import { MAX_METADATA_BYTES, type Metadata, readMetadata } from './metadata.ts';
import { type PayloadHeader, readPayloadHead } from './payload-header.ts';
import type { DigestName } from './pkcs7/algorithms.ts';
import { type JudgedSigner, judgeSignature, type SignaturePolicy, type Trust } from './pkcs7/judge.ts';
import { readSignedData } from './pkcs7/signed-data.ts';
import { readVolume, type Volume } from './read-volume.ts';
import { firstBroken, type Rule } from './rules.ts';
import { findMetadata, semanticProblem } from './semantics.ts';

/** Which capsules are acceptable beyond being well formed. */
export interface VerifyPolicy extends SignaturePolicy {
  readonly unsigned: 'refuse' | 'accept';
  readonly drivers: 'refuse' | 'accept';
  /** `volume`: a payload header and a Qualcomm firmware volume. `opaque`: anything, U-Boot's accept and revert capsules too. */
  readonly body: 'volume' | 'opaque';
}

/** What edk2's firmware accepts: partial chains, any validity time, any digest; no drivers, nothing unsigned. */
export const EDK2_POLICY: VerifyPolicy = {
  strict: false,
  atMs: 0,
  unsigned: 'refuse',
  drivers: 'refuse',
  body: 'volume',
};

/** As a careful reader judges: chains end at a root, certificates are valid at `atMs`, digests and keys are strong. */
export const strictPolicy = (atMs: number): VerifyPolicy => ({ ...EDK2_POLICY, strict: true, atMs });

export interface VerifyOptions {
  readonly trust: Trust;
  readonly policy: VerifyPolicy;
  /** The board's ESRT `fwClass`; every payload must be for it. */
  readonly expectedGuid?: Guid | undefined;
  readonly expectedIndex?: number | undefined;
}

/** `capsule` holds what was judged before the verdict; undefined where not even the envelope held. */
export type CapsuleVerdict =
  | { readonly kind: 'accepted'; readonly capsule: InspectedCapsule }
  | { readonly kind: 'refused'; readonly error: CapsuleError; readonly capsule: InspectedCapsule | undefined };

/** Verifies a capsule in memory. Never throws on any input. */
export const verifyCapsule = (capsule: Uint8Array, options: VerifyOptions): CapsuleVerdict =>
  readFromBytes(capsule, verifyingCapsule(capsule.length, options));

/** The same as a reading, for a file of `sizeBytes`. */
export function* verifyingCapsule(sizeBytes: number, options: VerifyOptions): Reading<CapsuleVerdict> {
  const envelope = yield* readEnvelope(sizeBytes);
  if (!envelope.ok) return { kind: 'refused', error: envelope.error, capsule: undefined };
  const images = envelope.value.kind === 'fmp' ? envelope.value.images : [];
  const untouched = { sizeBytes, envelope: envelope.value, payloads: images.map(image => ({ image })) };
  const outer = envelopeProblem(envelope.value, options);
  if (outer !== undefined) return { kind: 'refused', error: outer, capsule: untouched };
  const payloads: InspectedPayload[] = [];
  for (const [n, image] of images.entries()) {
    const judged = yield* judgePayload(image, options);
    payloads.push(judged.payload);
    const capsule = { ...untouched, payloads: [...payloads, ...untouched.payloads.slice(n + 1)] };
    if (judged.error !== undefined) return { kind: 'refused', error: judged.error, capsule };
  }
  return { kind: 'accepted', capsule: { ...untouched, payloads } };
}

function envelopeProblem(envelope: CapsuleEnvelope, options: VerifyOptions): CapsuleError | undefined {
  if (envelope.kind !== 'fmp')
    return options.policy.body === 'opaque'
      ? undefined
      : capsuleError('CAP_GUID', `a capsule of kind ${envelope.kind}`);
  if (envelope.drivers.length > 0 && options.policy.drivers === 'refuse')
    return capsuleError('FMP_DRIVERS', `${envelope.drivers.length} embedded drivers`);
  const facts = envelope.images.map(image => ({ image, options }));
  return facts.map(fact => firstBroken(IMAGE_RULES, fact, fact.image.item.offset)).find(error => error !== undefined);
}

interface ImageFacts {
  readonly image: ImageItem;
  readonly options: VerifyOptions;
}

const IMAGE_RULES: readonly Rule<ImageFacts>[] = [
  [
    'IMG_GUID',
    ({ image, options }) => (options.expectedGuid ?? image.header.updateImageTypeId) === image.header.updateImageTypeId,
    ({ image, options }) => `${image.header.updateImageTypeId}, not ${options.expectedGuid}`,
  ],
  [
    'IMG_INDEX',
    ({ image: { header }, options }) =>
      header.updateImageIndex > 0 && (options.expectedIndex ?? header.updateImageIndex) === header.updateImageIndex,
    ({ image }) => `${image.header.updateImageIndex}`,
  ],
];

/** A payload as far as it was judged, and what ended the judgement. */
interface JudgedPayload {
  readonly payload: InspectedPayload;
  readonly error?: CapsuleError | undefined;
}

function* judgePayload(image: ImageItem, options: VerifyOptions): Reading<JudgedPayload> {
  const parts = yield* readAuthentication(image);
  if (!parts.ok) return { payload: { image }, error: parts.error };
  const { authentication, signed } = parts.value;
  const framed: InspectedPayload = { image, authentication, signed };
  const missing = presenceProblem(parts.value, options.policy);
  if (missing !== undefined) return { payload: framed, error: missing };
  if (authentication === undefined) return yield* judgeContent(framed, options);
  // Sums of nameless blocks are taken while the digest is: no byte is looked at as what it may mean before its signature holds.
  const sums = new BlockSums(signed.offset);
  const signature = yield* judgeAuthentication({ ...authentication, signed, sums }, options);
  if (!signature.ok) return { payload: framed, error: signature.error };
  return yield* judgeContent({ ...framed, ...signature.value }, options, sums);
}

function presenceProblem(parts: ImageParts, policy: VerifyPolicy): CapsuleError | undefined {
  if (parts.authentication === undefined)
    return policy.unsigned === 'accept' ? undefined : capsuleError('AUTH_MISSING', 'no authentication block');
  // edk2's FmpDxe authenticates whatever the bit says; a capsule that says otherwise is still not one to hand out.
  return parts.announced || !policy.strict ? undefined : capsuleError('AUTH_BIT', 'ImageCapsuleSupport lacks bit 0');
}

/** Far above any real chain; a larger block is not read into memory. */
const MAX_SIGNATURE_BYTES = 256 * 1024;

interface SignedBytes extends Authentication {
  readonly signed: ByteRange;
  readonly sums: BlockSums;
}

function* judgeAuthentication(
  { der, monotonicCount, signed, sums }: SignedBytes,
  { trust, policy }: VerifyOptions,
): Reading<Result<{ signers: readonly JudgedSigner[]; digests: Record<string, Uint8Array> }, CapsuleError>> {
  if (der.length > MAX_SIGNATURE_BYTES) return err(capsuleError('AUTH_SIGNATURE', `${der.length} bytes`, der.offset));
  const data = readSignedData(yield* readRange(der.offset, der.length));
  if (data === undefined) return err(capsuleError('AUTH_SIGNATURE', 'not PKCS#7 SignedData', der.offset));
  const hashes = new Map<DigestName, Hash>(data.signers.map(({ digestName }) => [digestName, createHash(digestName)]));
  yield* visitRange(signed, chunk => {
    for (const hash of hashes.values()) hash.update(chunk);
    sums.add(chunk);
  });
  const count = countBytes(monotonicCount);
  const digests = new Map([...hashes].map(([name, hash]) => [name, hash.update(count).digest()] as const));
  const signers = judgeSignature(data, { trust, policy, digestOf: name => digestFor(digests, name) });
  return signers.ok ? ok({ signers: signers.value, digests: Object.fromEntries(digests) }) : signers;
}

function countBytes(count: bigint): Uint8Array {
  const bytes = new Uint8Array(u64.sizeBytes);
  u64.put(new DataView(bytes.buffer), 0, count);
  return bytes;
}

function digestFor(digests: ReadonlyMap<DigestName, Uint8Array>, name: DigestName): Uint8Array {
  const digest = digests.get(name);
  if (digest === undefined) throw new InvariantError(`no digest ${name}`);
  return digest;
}

/** Everything behind the signature. */
function* judgeContent(payload: InspectedPayload, { policy }: VerifyOptions, sums?: BlockSums): Reading<JudgedPayload> {
  const { image, signed } = payload;
  if (signed === undefined) throw new InvariantError('a payload without its signed bytes');
  const head = yield* readPayloadHead(image.header, signed);
  if (!head.ok) return policy.body === 'opaque' ? { payload } : { payload, error: head.error };
  const headed = { ...payload, head: head.value };
  if (policy.body === 'opaque') return { payload: headed };
  const { error, ...contents } = yield* judgeVolume(head.value.body, head.value.header, sums);
  return { payload: { ...headed, ...contents }, error };
}

/** A firmware volume as far as it was judged, and what ended the judgement. */
export interface JudgedVolume {
  readonly volume?: Volume;
  readonly metadata?: Metadata;
  readonly error?: CapsuleError | undefined;
}

/** Judges the volume that fills `range` against the versions that its payload header names; `sums` may know part of it. */
export function* judgeVolume(
  range: ByteRange,
  versions: Pick<PayloadHeader, 'fwVersion' | 'lowestSupportedVersion'>,
  sums?: BlockSums,
): Reading<JudgedVolume> {
  const volume = yield* readVolume(range, sums);
  if (!volume.ok) return { error: volume.error };
  const metadata = yield* readVolumeMetadata(volume.value);
  if (!metadata.ok) return { volume: volume.value, error: metadata.error };
  if (metadata.value === undefined) return { volume: volume.value };
  const error = semanticProblem(versions, volume.value, metadata.value);
  return { volume: volume.value, metadata: metadata.value, error };
}

/** The metadata of a volume; undefined for an embedded controller's. */
function* readVolumeMetadata(volume: Volume): Reading<Result<Metadata | undefined, CapsuleError>> {
  const file = findMetadata(volume);
  if (file === 'embedded-controller') return ok(undefined);
  if ('code' in file) return err(file);
  if (file.data.length > MAX_METADATA_BYTES)
    return err(capsuleError('META_COUNT', `${file.data.length} bytes`, file.data.offset));
  return readMetadata(yield* readRange(file.data.offset, file.data.length));
}
