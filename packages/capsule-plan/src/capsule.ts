// The capsule toolchain: everything that makes or judges capsule bytes. Apart from the main entry, so that a board that only
// plans does not carry it.

export { BlockSums } from './bytes/block-sums.ts';
export { sum8 } from './bytes/checksum.ts';
export { looseGuid } from './bytes/guid.ts';
export { type ByteRange, CHUNK_BYTES, type Reading, readFromBytes, readFromSource } from './bytes/reading.ts';
export type { Authentication } from './capsule/authentication.ts';
export {
  acceptCapsule,
  type CapsuleInput,
  type CapsulePlan,
  layOutCapsule,
  type PayloadInput,
  type PayloadPlan,
  revertCapsule,
} from './capsule/build-capsule.ts';
export { CapsuleBuild, type CapsuleBuildReading, readCapsuleBuild } from './capsule/capsule-build.ts';
export * from './capsule/config-json.ts';
export * from './capsule/dependency.ts';
export { formatDependency, parseDependency } from './capsule/dependency-text.ts';
export * from './capsule/disk-types.ts';
export type { CapsuleEnvelope, CapsuleFrame, ImageItem } from './capsule/envelope.ts';
export * from './capsule/errors.ts';
export * from './capsule/esrt-verdict.ts';
export * from './capsule/fv-update.ts';
export { CAPSULE_FLAGS, type ImageHeaderVersion } from './capsule/header-layouts.ts';
export type { InspectedCapsule, InspectedPayload } from './capsule/inspected.ts';
export { buildCapsule, type CapsuleContents, type UnsignedPayload } from './capsule/make-capsule.ts';
export { makeEcVolume, makeVolume, type VolumeImage, type VolumeInput } from './capsule/make-volume.ts';
export {
  type ImageDetails,
  type Metadata,
  type MetadataRevision,
  type Partition,
  readMetadata,
  type UpdateEntry,
} from './capsule/metadata.ts';
export { detectStorage, readPartitionTable } from './capsule/partition-table.ts';
export type { PayloadHead, PayloadHeader } from './capsule/payload-header.ts';
export type { DigestName, SigningDigest } from './capsule/pkcs7/algorithms.ts';
export { type Certificate, readCertificate } from './capsule/pkcs7/certificate.ts';
export { certificateOfKey, keyProblem, readCertificates, readPrivateKey } from './capsule/pkcs7/credentials.ts';
export { isValidAt, type JudgedSigner, signerProblem, type Trust } from './capsule/pkcs7/judge.ts';
export {
  type CertificateKeys,
  type ChainInput,
  makeCertificateChain,
  type NameParts,
  parseName,
} from './capsule/pkcs7/make-certificate.ts';
export { readPem, writePem } from './capsule/pkcs7/pem.ts';
export {
  blockBytes,
  bytesToSign,
  type LocalSigner,
  localSigner,
  type SignerIdentity,
  sealSignature,
  signPayload,
} from './capsule/pkcs7/signer.ts';
export { readFvUpdate } from './capsule/read-fv-update.ts';
export { readVolume, type Volume, type VolumeFileInfo } from './capsule/read-volume.ts';
export { bytesOf, literal, type Segment, segmentBytes, totalBytes } from './capsule/segments.ts';
export * from './capsule/summary.ts';
export * from './capsule/targets.ts';
export { readTrustAnchors, writeHexText } from './capsule/trust.ts';
export {
  type CapsuleVerdict,
  EDK2_POLICY,
  type JudgedVolume,
  judgeVolume,
  strictPolicy,
  type VerifyOptions,
  type VerifyPolicy,
  verifyCapsule,
  verifyingCapsule,
} from './capsule/verify.ts';
export * from './capsule/version-file.ts';
