// Reads PKCS#7 SignedData: which certificates it carries and what each signer signed (RFC 2315, RFC 5652).

import { type DigestName, digestOfOid, OID } from './algorithms.ts';
import { type Asn1, isContext, isUniversal, readAsn1, TAG } from './asn1.ts';
import { type Certificate, readCertificate } from './certificate.ts';
import { retag, SET_TAG } from './der.ts';

export interface SignerInfo {
  readonly issuer: Uint8Array;
  readonly serial: Uint8Array;
  readonly digestName: DigestName;
  /** As the signature covers them (tag SET); undefined where it covers the content itself. */
  readonly attributes: Uint8Array | undefined;
  readonly messageDigest: Uint8Array | undefined;
  readonly isContentData: boolean;
  /** The text of the attribute, unjudged: nothing but the strict policy may rely on it. */
  readonly signingTime: string | undefined;
  readonly signature: Uint8Array;
}

export interface SignedData {
  readonly certificates: readonly Certificate[];
  readonly signers: readonly SignerInfo[];
}

/** More are never there in earnest; fewer keep the work on hostile input small. */
const MAX_CERTIFICATES = 32;
const MAX_SIGNERS = 8;

/** SignedData, wrapped in ContentInfo or bare. Undefined for anything malformed. Never throws. */
export function readSignedData(der: Uint8Array): SignedData | undefined {
  const root = readAsn1(der);
  const body = root?.children[0]?.oid === OID.signedData ? root.children[1]?.children[0] : root;
  if (!isUniversal(body, TAG.sequence)) return undefined;
  const [, digests, content, ...rest] = body.children;
  const signers = rest.findLast(node => isUniversal(node, TAG.set))?.children;
  const certificates = rest.find(node => isContext(node, 0))?.children ?? [];
  if (!isUniversal(digests, TAG.set) || content === undefined || signers === undefined) return undefined;
  if (certificates.length > MAX_CERTIFICATES || signers.length > MAX_SIGNERS) return undefined;
  const infos = signers.map(readSigner);
  if (infos.some(info => info === undefined)) return undefined;
  return {
    certificates: certificates.flatMap(({ raw }) => readCertificate(raw) ?? []),
    signers: infos.filter(info => info !== undefined),
  };
}

function readSigner(node: Asn1): SignerInfo | undefined {
  const [, identifier, digest, ...rest] = node.children;
  const [issuer, serial] = identifier?.children ?? [];
  const attributes = rest.find(field => isContext(field, 0));
  const signature = rest.find(field => isUniversal(field, TAG.octetString));
  const digestName = digestOfOid(digest?.children[0]?.oid);
  if (issuer === undefined || serial === undefined || signature === undefined || digestName === undefined)
    return undefined;
  const attributeValue = (oid: string): Asn1 | undefined =>
    attributes?.children.find(({ children }) => children[0]?.oid === oid)?.children[1]?.children[0];
  const time = attributeValue(OID.signingTime)?.content;
  return {
    issuer: issuer.raw,
    serial: serial.raw,
    digestName,
    attributes: attributes === undefined ? undefined : retag(SET_TAG, attributes.raw),
    messageDigest: attributeValue(OID.messageDigest)?.content,
    isContentData: attributeValue(OID.contentType)?.oid === OID.data,
    signingTime: time === undefined ? undefined : Buffer.from(time).toString('latin1'),
    signature: signature.content,
  };
}
