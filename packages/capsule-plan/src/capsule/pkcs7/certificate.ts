// X.509 certificates as chain building needs them: node's X509Certificate beside the exact bytes of names and numbers.

import { X509Certificate } from 'node:crypto';
import { OID } from './algorithms.ts';
import { type Asn1, isContext, isUniversal, readAsn1, TAG } from './asn1.ts';

export interface Certificate {
  readonly x509: X509Certificate;
  readonly der: Uint8Array;
  /** Encoded names and serial number, compared byte for byte. */
  readonly issuer: Uint8Array;
  readonly subject: Uint8Array;
  readonly serial: Uint8Array;
  /** May issue others: basicConstraints says so, or it predates extensions and is its own issuer (X509_check_ca). */
  readonly isCa: boolean;
  /** How many CA certificates may stand below it; undefined is no limit. */
  readonly pathLength: number | undefined;
  readonly mayDigitallySign: boolean;
}

export const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

/** A certificate from DER, or undefined for anything that is not one. Never throws. */
export function readCertificate(der: Uint8Array): Certificate | undefined {
  const node = readAsn1(der);
  const fields = node?.children[0]?.children;
  if (node === undefined || fields === undefined) return undefined;
  const versioned = isContext(fields[0], 0);
  const [serial, , issuer, , subject] = versioned ? fields.slice(1) : fields;
  if (serial === undefined || issuer === undefined || subject === undefined) return undefined;
  const x509 = parse(node.raw);
  if (x509 === undefined) return undefined;
  const extensions = extensionsOf(fields);
  const names = { issuer: issuer.raw, subject: subject.raw, serial: serial.raw };
  const selfIssuedV1 = !versioned && sameBytes(issuer.raw, subject.raw);
  return { x509, der: node.raw, ...names, ...constraints(extensions, selfIssuedV1) };
}

function parse(der: Uint8Array): X509Certificate | undefined {
  try {
    const x509 = new X509Certificate(der);
    return x509.publicKey.asymmetricKeyType === undefined ? undefined : x509;
  } catch {
    return undefined;
  }
}

/** Extension id to the element inside its octet string. */
function extensionsOf(fields: readonly Asn1[]): ReadonlyMap<string, Asn1> {
  const list = fields.find(field => isContext(field, 3))?.children[0]?.children ?? [];
  return new Map(
    list.flatMap(({ children }) => {
      const value = children.at(-1);
      const inner = isUniversal(value, TAG.octetString) ? readAsn1(value.content) : undefined;
      const id = children[0]?.oid;
      return id === undefined || inner === undefined ? [] : [[id, inner] as const];
    }),
  );
}

const DIGITAL_SIGNATURE_BIT = 0x80;
const CERT_SIGN_BIT = 0x04;

function constraints(
  extensions: ReadonlyMap<string, Asn1>,
  selfIssuedV1: boolean,
): Pick<Certificate, 'isCa' | 'pathLength' | 'mayDigitallySign'> {
  const basic = extensions.get(OID.basicConstraints)?.children;
  // BIT STRING content: one byte that counts unused bits, then the bits.
  const usage = extensions.get(OID.keyUsage)?.content[1];
  const certSign = usage !== undefined && (usage & CERT_SIGN_BIT) !== 0;
  const declared = basic?.some(field => isUniversal(field, TAG.boolean) && field.content[0] !== 0);
  const length = basic?.find(field => isUniversal(field, TAG.integer))?.content;
  return {
    isCa: (declared ?? (selfIssuedV1 || certSign)) && (usage === undefined || certSign),
    pathLength: length === undefined ? undefined : length.reduce((sum, byte) => Math.min(sum * 256 + byte, 255), 0),
    mayDigitallySign: usage === undefined || (usage & DIGITAL_SIGNATURE_BIT) !== 0,
  };
}
