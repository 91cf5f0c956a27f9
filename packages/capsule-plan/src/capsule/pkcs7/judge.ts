// Judges a PKCS#7 signature over a digest: is the mathematics right, and does the signer chain to a trust anchor.

import { constants, createHash, type KeyObject, publicDecrypt } from 'node:crypto';
import { err, ok, type Result } from '@seatrial/spec';
import { type CapsuleError, capsuleError } from '../errors.ts';
import { DIGESTS, type DigestName } from './algorithms.ts';
import { type Certificate, readCertificate, sameBytes } from './certificate.ts';
import { chainToAnchor } from './chain.ts';
import { keyProblem } from './credentials.ts';
import { NULL, octetString, oid, sequence } from './der.ts';
import type { SignedData, SignerInfo } from './signed-data.ts';

/** Whom to believe. `unjudged` only checks that the signature is right, as for looking into a capsule. */
export type Trust =
  | { readonly kind: 'anchors'; readonly anchors: readonly Certificate[] }
  | { readonly kind: 'unjudged' };

export interface SignaturePolicy {
  /** What edk2 ignores: validity times, chains that end below a root, weak digests and keys, stray attributes. */
  readonly strict: boolean;
  /** The time at which certificates must be valid under the strict policy. */
  readonly atMs: number;
}

export interface JudgedSigner {
  readonly info: SignerInfo;
  readonly certificate: Certificate;
  /** From the signer's certificate to the anchor; the signer alone where trust is unjudged. */
  readonly chain: readonly Certificate[];
}

export interface Judgement {
  readonly trust: Trust;
  readonly policy: SignaturePolicy;
  /** The digest of the signed bytes for each algorithm that a signer names. */
  readonly digestOf: (name: DigestName) => Uint8Array;
}

/** All signers must hold. Fails with AUTH_SIGNATURE, AUTH_UNTRUSTED, AUTH_EXPIRED or AUTH_WEAK. */
export function judgeSignature(data: SignedData, judgement: Judgement): Result<readonly JudgedSigner[], CapsuleError> {
  if (data.signers.length === 0) return err(capsuleError('AUTH_SIGNATURE', 'nobody signed'));
  const judged: JudgedSigner[] = [];
  for (const info of data.signers) {
    const certificate = certificateOf(info, data.certificates, judgement.trust);
    if (certificate === undefined) return err(capsuleError('AUTH_SIGNATURE', 'the certificate of a signer is missing'));
    const problem = signatureProblem(info, certificate, judgement);
    if (problem !== undefined) return err(problem);
    const signer = trusted({ info, certificate }, data, judgement);
    if (!signer.ok) return signer;
    judged.push(signer.value);
  }
  return ok(judged);
}

const certificateOf = (info: SignerInfo, embedded: readonly Certificate[], trust: Trust): Certificate | undefined =>
  [...embedded, ...(trust.kind === 'anchors' ? trust.anchors : [])].find(
    ({ issuer, serial }) => sameBytes(issuer, info.issuer) && sameBytes(serial, info.serial),
  );

function signatureProblem(
  info: SignerInfo,
  certificate: Certificate,
  { digestOf, policy }: Judgement,
): CapsuleError | undefined {
  const wrong = (detail: string): CapsuleError => capsuleError('AUTH_SIGNATURE', detail);
  const content = digestOf(info.digestName);
  if (info.attributes !== undefined && (info.messageDigest === undefined || !sameBytes(info.messageDigest, content)))
    return wrong('the signed digest is not that of these bytes');
  if (policy.strict && info.attributes !== undefined && !info.isContentData)
    return wrong('the content type is not data');
  const covered =
    info.attributes === undefined ? content : createHash(info.digestName).update(info.attributes).digest();
  return rsaVerifies(certificate.x509.publicKey, info, covered) ? undefined : wrong('the signature value is wrong');
}

/** RSA PKCS#1 v1.5 over a digest that is already made: the padding must hold exactly its DigestInfo. */
function rsaVerifies(key: KeyObject, info: SignerInfo, digest: Uint8Array): boolean {
  if (key.asymmetricKeyType !== 'rsa') return false;
  const { oid: algorithm } = DIGESTS[info.digestName];
  const forms = [
    sequence(sequence(oid(algorithm), NULL), octetString(digest)),
    sequence(sequence(oid(algorithm)), octetString(digest)),
  ];
  try {
    const shown = publicDecrypt({ key, padding: constants.RSA_PKCS1_PADDING }, info.signature);
    return forms.some(form => sameBytes(form, shown));
  } catch {
    return false;
  }
}

function trusted(
  signer: Omit<JudgedSigner, 'chain'>,
  data: SignedData,
  { trust, policy }: Judgement,
): Result<JudgedSigner, CapsuleError> {
  if (trust.kind === 'unjudged') return ok({ ...signer, chain: [signer.certificate] });
  const chain = chainToAnchor(signer.certificate, data.certificates, trust.anchors);
  if (chain === undefined)
    return err(capsuleError('AUTH_UNTRUSTED', signer.certificate.x509.subject.replaceAll('\n', ', ')));
  const problem = policy.strict ? strictProblem(signer, chain, policy.atMs) : undefined;
  return problem === undefined ? ok({ ...signer, chain }) : err(problem);
}

const strictProblem = (
  { info, certificate }: Omit<JudgedSigner, 'chain'>,
  chain: readonly Certificate[],
  atMs: number,
): CapsuleError | undefined =>
  chainProblem(certificate, chain, atMs) ??
  (info.digestName === 'sha1' ? capsuleError('AUTH_WEAK', 'SHA-1') : undefined);

function chainProblem(certificate: Certificate, chain: readonly Certificate[], atMs: number): CapsuleError | undefined {
  const root = chain.at(-1);
  if (root === undefined || !sameBytes(root.subject, root.issuer))
    return capsuleError('AUTH_UNTRUSTED', 'the trust anchor is not a root');
  if (!certificate.mayDigitallySign) return capsuleError('AUTH_UNTRUSTED', 'the key usage forbids signing');
  const expired = chain.find(({ x509 }) => !isValidAt(x509, atMs));
  if (expired !== undefined) return capsuleError('AUTH_EXPIRED', expired.x509.subject.replaceAll('\n', ', '));
  const weakKey = chain.map(({ x509 }) => keyProblem(x509.publicKey)).find(problem => problem !== undefined);
  return weakKey === undefined ? undefined : capsuleError('AUTH_WEAK', weakKey.detail);
}

/** Why nothing that this signer signs would be believed. Fails with AUTH_UNTRUSTED, AUTH_EXPIRED or AUTH_WEAK. */
export function signerProblem(
  signer: { readonly certificate: Uint8Array; readonly others: readonly Uint8Array[] },
  anchors: readonly Certificate[],
  policy: SignaturePolicy,
): CapsuleError | undefined {
  const certificate = readCertificate(signer.certificate);
  const embedded = signer.others.flatMap(der => readCertificate(der) ?? []);
  const chain = certificate && chainToAnchor(certificate, embedded, anchors);
  if (certificate === undefined || chain === undefined)
    return capsuleError('AUTH_UNTRUSTED', certificate?.x509.subject.replaceAll('\n', ', ') ?? 'no certificate');
  return policy.strict ? chainProblem(certificate, chain, policy.atMs) : undefined;
}

/** Inside notBefore and notAfter, both included. */
export const isValidAt = (
  { validFrom, validTo }: { readonly validFrom: string; readonly validTo: string },
  atMs: number,
): boolean => Date.parse(validFrom) <= atMs && atMs <= Date.parse(validTo);
