// Object identifiers and digest algorithms that capsule signatures use (RFC 5652, RFC 8017, RFC 5754).

export const OID = {
  signedData: '1.2.840.113549.1.7.2',
  data: '1.2.840.113549.1.7.1',
  contentType: '1.2.840.113549.1.9.3',
  messageDigest: '1.2.840.113549.1.9.4',
  signingTime: '1.2.840.113549.1.9.5',
  smimeCapabilities: '1.2.840.113549.1.9.15',
  rsaEncryption: '1.2.840.113549.1.1.1',
  sha256WithRsa: '1.2.840.113549.1.1.11',
  basicConstraints: '2.5.29.19',
  keyUsage: '2.5.29.15',
  subjectKeyIdentifier: '2.5.29.14',
  authorityKeyIdentifier: '2.5.29.35',
} as const;

/** Digests that may sign; edk2 also verifies SHA-1 and SHA-224. */
export type SigningDigest = 'sha256' | 'sha384' | 'sha512';
export type DigestName = SigningDigest | 'sha1' | 'sha224';

export const DIGESTS = {
  sha1: { oid: '1.3.14.3.2.26', sizeBytes: 20 },
  sha224: { oid: '2.16.840.1.101.3.4.2.4', sizeBytes: 28 },
  sha256: { oid: '2.16.840.1.101.3.4.2.1', sizeBytes: 32 },
  sha384: { oid: '2.16.840.1.101.3.4.2.2', sizeBytes: 48 },
  sha512: { oid: '2.16.840.1.101.3.4.2.3', sizeBytes: 64 },
} as const satisfies Record<DigestName, { oid: string; sizeBytes: number }>;

const BY_OID: Readonly<Record<string, DigestName | undefined>> = {
  [DIGESTS.sha1.oid]: 'sha1',
  [DIGESTS.sha224.oid]: 'sha224',
  [DIGESTS.sha256.oid]: 'sha256',
  [DIGESTS.sha384.oid]: 'sha384',
  [DIGESTS.sha512.oid]: 'sha512',
};

export const digestOfOid = (oid: string | undefined): DigestName | undefined => BY_OID[oid ?? ''];
