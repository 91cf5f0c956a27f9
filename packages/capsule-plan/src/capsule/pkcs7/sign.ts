// Makes the detached PKCS#7 of a payload, byte for byte as `openssl smime -sign -binary` of OpenSSL 3 (or GnuTLS) makes it.

import { concatBytes } from '../../bytes/writer.ts';
import { DIGESTS, OID, type SigningDigest } from './algorithms.ts';
import { readAsn1 } from './asn1.ts';
import {
  CONTEXT_0_TAG,
  explicit,
  integer,
  NULL,
  octetString,
  oid,
  openSslTime,
  retag,
  sequence,
  setOf,
} from './der.ts';

/** Whose habits to follow: GnuTLS, under mkeficapsule, leaves out capabilities and the NULL of digest algorithms. */
export type SignatureStyle = 'openssl' | 'gnutls';

/** What a signature says beside the signature value. Certificates are DER. */
export interface SignatureInput {
  readonly digestName: SigningDigest;
  /** Over the signed bytes and the monotonic count. */
  readonly digest: Uint8Array;
  readonly signingTimeMs: number;
  readonly signer: Uint8Array;
  /** The chain, in the order of its file; the root is left out by custom. */
  readonly others: readonly Uint8Array[];
  readonly style: SignatureStyle;
}

/** OpenSSL's fixed list (AES-256/192/128-CBC, 3DES, RC2-128, RC2-64, DES, RC2-40); readers treat it as opaque. */
const SMIME_CAPABILITIES = Buffer.from(
  '307906092a864886f70d01090f316c306a300b060960864801650304012a300b0609608648016503040116300b0609608648016503040102' +
    '300a06082a864886f70d0307300e06082a864886f70d030202020080300d06082a864886f70d0302020140300706052b0e030207300d' +
    '06082a864886f70d0302020128',
  'hex',
);

const digestAlgorithm = ({ digestName, style }: Pick<SignatureInput, 'digestName' | 'style'>): Uint8Array =>
  sequence(oid(DIGESTS[digestName].oid), ...(style === 'openssl' ? [NULL] : []));
const attribute = (type: string, value: Uint8Array): Uint8Array => sequence(oid(type), setOf(value));

/** The attributes as a SET: these bytes are what the private key signs. */
export const signedAttributes = (input: SignatureInput): Uint8Array =>
  setOf(
    attribute(OID.contentType, oid(OID.data)),
    attribute(OID.signingTime, openSslTime(input.signingTimeMs)),
    attribute(OID.messageDigest, octetString(input.digest)),
    ...(input.style === 'openssl' ? [SMIME_CAPABILITIES] : []),
  );

/** ContentInfo with SignedData, once the attributes have been signed with RSA PKCS#1 v1.5. */
export function signedData(input: SignatureInput, signature: Uint8Array): Uint8Array {
  const signerInfo = sequence(
    integer(1),
    issuerAndSerial(input.signer),
    digestAlgorithm(input),
    retag(CONTEXT_0_TAG, signedAttributes(input)),
    sequence(oid(OID.rsaEncryption), NULL),
    octetString(signature),
  );
  const body = sequence(
    integer(1),
    setOf(digestAlgorithm(input)),
    sequence(oid(OID.data)),
    explicit(0, concatBytes([...input.others, input.signer])),
    setOf(signerInfo),
  );
  return sequence(oid(OID.signedData), explicit(0, body));
}

/** The length of the PKCS#7 block is known before anything is hashed: only fixed-width parts depend on the content. */
export const signedDataBytes = (input: Omit<SignatureInput, 'digest'>, signatureBytes: number): number =>
  signedData({ ...input, digest: new Uint8Array(DIGESTS[input.digestName].sizeBytes) }, new Uint8Array(signatureBytes))
    .length;

/** IssuerAndSerialNumber, taken from the certificate byte for byte. */
function issuerAndSerial(certificate: Uint8Array): Uint8Array {
  const fields = readAsn1(certificate)?.children[0]?.children ?? [];
  const [serial, , issuer] = fields[0]?.tagClass === 'context' ? fields.slice(1) : fields;
  return sequence(issuer?.raw ?? new Uint8Array(), serial?.raw ?? new Uint8Array());
}
