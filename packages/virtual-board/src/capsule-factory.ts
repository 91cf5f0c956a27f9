// A firmware vendor in a box: a fresh key with its certificates, and small but real capsules signed with it. For tests and
// demonstrations; the key lives in memory and is worth nothing.

import { createHash, generateKeyPairSync, X509Certificate } from 'node:crypto';
import {
  buildCapsule,
  type CapsuleError,
  type Certificate,
  type LocalSigner,
  literal,
  localSigner,
  makeCertificateChain,
  makeVolume,
  type Partition,
  readTrustAnchors,
  type Segment,
  sum8,
} from '@seatrial/capsule-plan/capsule';
import {
  type FirmwareVersion,
  firmwareVersion,
  type Guid,
  InvariantError,
  parseGuid,
  type Result,
} from '@seatrial/spec';

/** forged: a byte differs from what was signed. unsigned: no signature. garbled: signed, but no firmware volume inside. */
export type CapsuleFlaw = 'forged' | 'unsigned' | 'garbled';

export interface CapsuleDescription {
  readonly fwClass: Guid;
  readonly version: FirmwareVersion;
  /** The floor that comes with it; default: none of its own. */
  readonly lowestSupported?: FirmwareVersion;
  /** Size of the one image in it; default: 4096. */
  readonly imageBytes?: number;
  readonly flaw?: CapsuleFlaw;
}

export interface CapsuleFactory {
  /** What the boards of this vendor are built with, as DER and as the verifier wants it. */
  readonly trustAnchor: Uint8Array;
  readonly anchors: readonly Certificate[];
  /** The same bytes for the same description, within one factory. */
  capsule(description: CapsuleDescription): Uint8Array;
}

const SIGNED_AT_MS = Date.UTC(2026, 0, 1);
const VALIDITY = { notBeforeMs: SIGNED_AT_MS, notAfterMs: Date.UTC(2046, 0, 1) };
const IMAGE_BYTES = 4_096;

/** Makes a key of 2048 bits, which takes a moment. */
export function createCapsuleFactory(vendor = 'Seatrial demonstration'): CapsuleFactory {
  const { trustAnchor, signer } = makeVendor(vendor);
  return {
    trustAnchor,
    anchors: expectMade(readTrustAnchors(trustAnchor)),
    capsule: description => makeCapsule(description, signer),
  };
}

function makeVendor(vendor: string): { readonly trustAnchor: Uint8Array; readonly signer: LocalSigner } {
  const key = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const serial = (n: number): Uint8Array => Uint8Array.of(n);
  const chain = makeCertificateChain({
    organisation: [['O', vendor]],
    commonNames: { root: 'Root', sub: 'Sub', leaf: 'Capsules' },
    keys: { root: key, sub: key, leaf: key },
    serials: { root: serial(1), sub: serial(2), leaf: serial(3) },
    validity: VALIDITY,
  });
  const signer = localSigner(key.privateKey, {
    digestName: 'sha256',
    certificates: [new X509Certificate(chain.leaf)],
    others: [new X509Certificate(chain.sub)],
    signingTimeMs: SIGNED_AT_MS,
  });
  return { trustAnchor: chain.root, signer: expectMade(signer) };
}

function makeCapsule(description: CapsuleDescription, signer: LocalSigner): Uint8Array {
  const { fwClass, version, flaw } = description;
  const lowestSupported = description.lowestSupported ?? firmwareVersion(0);
  const image = filler(version, description.imageBytes ?? IMAGE_BYTES);
  const capsule = buildCapsule({
    payloads: [
      {
        imageTypeId: fwClass,
        fwVersion: version,
        lowestSupportedFwVersion: lowestSupported,
        body: flaw === 'garbled' ? [literal(image)] : volumeOf(image, version, lowestSupported),
      },
    ],
    signer: flaw === 'unsigned' ? undefined : signer,
  });
  const bytes = expectMade(capsule);
  return flaw === 'forged' ? withLastByteChanged(bytes) : bytes;
}

const volumeOf = (
  image: Uint8Array,
  fwVersion: FirmwareVersion,
  lowestSupportedFwVersion: FirmwareVersion,
): readonly Segment<Uint8Array>[] =>
  expectMade(
    makeVolume({
      revision: 3,
      fwVersion,
      lowestSupportedFwVersion,
      images: [{ data: literal(image), dataSum8: sum8(image), dest: partition('uefi_a'), backup: partition('uefi_b') }],
    }),
  );

/** The partitions of UEFI itself, as on QCS9100. */
const partition = (partitionName: keyof typeof PARTITION_GUIDS): Partition => ({
  diskType: 'UFS_LUN4',
  partitionName,
  partitionTypeGuid: known(parseGuid(PARTITION_GUIDS[partitionName])),
});

const PARTITION_GUIDS = {
  uefi_a: '400FFDCD-22E0-47E7-9A23-F16ED9382388',
  uefi_b: '9F234B5B-0EFB-4313-8E4C-0AF1F605536B',
} as const;

/** Bytes that no compressor likes, the same for the same version. */
const filler = (version: FirmwareVersion, sizeBytes: number): Uint8Array =>
  createHash('shake256', { outputLength: sizeBytes }).update(String(version)).digest();

const withLastByteChanged = (bytes: Uint8Array): Uint8Array => bytes.with(bytes.length - 1, (bytes.at(-1) ?? 0) ^ 0xff);

/** Our own inputs are right, so that anything else is a defect. */
function expectMade<T>(result: Result<T, CapsuleError>): T {
  if (!result.ok) throw new InvariantError(`${result.error.code}: ${result.error.detail}`);
  return result.value;
}

function known<T>(value: T | undefined): T {
  if (value === undefined) throw new InvariantError('a constant is malformed');
  return value;
}
