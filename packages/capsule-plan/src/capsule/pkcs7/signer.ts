// Who signs a payload: certificates, a digest and a way to use the private key that may be a token's.

import { type KeyObject, sign as rsaSign, verify as rsaVerify, type X509Certificate } from 'node:crypto';
import { err, ok, type Result } from '@seatrial/spec';
import { type CapsuleError, capsuleError } from '../errors.ts';
import type { SigningDigest } from './algorithms.ts';
import { certificateOfKey, keyProblem, signatureBytes } from './credentials.ts';
import { type SignatureInput, type SignatureStyle, signedAttributes, signedData, signedDataBytes } from './sign.ts';

/** A signer without its key: enough to lay a capsule out. */
export interface SignerIdentity {
  readonly digestName: SigningDigest;
  readonly certificate: X509Certificate;
  /** The chain between the certificate and the root, as it shall stand in the signature. */
  readonly others: readonly X509Certificate[];
  readonly signingTimeMs: number;
  /** OpenSSL's unless given. */
  readonly style?: SignatureStyle | undefined;
}

/** A signer whose key is in memory. */
export interface LocalSigner extends SignerIdentity {
  readonly key: KeyObject;
}

const inputOf = (signer: SignerIdentity): Omit<SignatureInput, 'digest'> => ({
  digestName: signer.digestName,
  signingTimeMs: signer.signingTimeMs,
  style: signer.style ?? 'openssl',
  signer: signer.certificate.raw,
  others: signer.others.map(({ raw }) => raw),
});

/** The size of the PKCS#7 block that this signer will make. */
export const blockBytes = (signer: SignerIdentity): number =>
  signedDataBytes(inputOf(signer), signatureBytes(signer.certificate));

/** What a token has to sign for a payload of this digest (RSA PKCS#1 v1.5 with `digestName`). */
export const bytesToSign = (signer: SignerIdentity, digest: Uint8Array): Uint8Array =>
  signedAttributes({ ...inputOf(signer), digest });

/** The PKCS#7 block around a signature made elsewhere. Fails with KEY_MISMATCH unless the certificate verifies it. */
export function sealSignature(
  signer: SignerIdentity,
  digest: Uint8Array,
  signature: Uint8Array,
): Result<Uint8Array, CapsuleError> {
  const verifies =
    signature.length === signatureBytes(signer.certificate) &&
    rsaVerify(signer.digestName, bytesToSign(signer, digest), signer.certificate.publicKey, signature);
  return verifies
    ? ok(signedData({ ...inputOf(signer), digest }, signature))
    : err(capsuleError('KEY_MISMATCH', 'the certificate does not verify what the key signed'));
}

/** Signs the digest of a payload with a key in memory. Fails with KEY_MISMATCH. */
export const signPayload = (signer: LocalSigner, digest: Uint8Array): Result<Uint8Array, CapsuleError> =>
  sealSignature(signer, digest, rsaSign(signer.digestName, bytesToSign(signer, digest), signer.key));

/** Pairs a key with its certificate. Fails with KEY_TYPE or KEY_MISMATCH. */
export function localSigner(
  key: KeyObject,
  identity: Omit<LocalSigner, 'key' | 'certificate'> & { readonly certificates: readonly X509Certificate[] },
): Result<LocalSigner, CapsuleError> {
  const problem = keyProblem(key);
  if (problem !== undefined) return err(problem);
  const certificate = certificateOfKey(identity.certificates, key);
  if (!certificate.ok) return certificate;
  const { digestName, others, signingTimeMs, style } = identity;
  return ok({ key, certificate: certificate.value, digestName, others, signingTimeMs, style });
}
