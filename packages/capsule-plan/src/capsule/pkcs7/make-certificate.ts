// Makes the guide's three certificates (root, intermediate, leaf), always signed with SHA-256 (RFC 5280).

import { createHash, type KeyObject, sign } from 'node:crypto';
import { OID } from './algorithms.ts';
import { readAsn1 } from './asn1.ts';
import {
  bitString,
  explicit,
  implicitPrimitive,
  integer,
  NULL,
  octetString,
  oid,
  printable,
  sequence,
  setOf,
  TRUE,
  time,
  unsignedInteger,
  utf8,
} from './der.ts';

/** Distinguished name in the order in which it shall stand. */
export type NameParts = readonly (readonly [keyof typeof NAME_TYPES, string])[];

const NAME_TYPES = {
  C: '2.5.4.6',
  ST: '2.5.4.8',
  L: '2.5.4.7',
  O: '2.5.4.10',
  OU: '2.5.4.11',
  CN: '2.5.4.3',
} as const;

export interface CertificateKeys {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

interface CertificateInput {
  readonly role: 'ca' | 'leaf';
  readonly subject: NameParts;
  readonly publicKey: KeyObject;
  readonly issuer: NameParts;
  readonly issuerKeys: CertificateKeys;
  /** 1 to 20 bytes, unpredictable. */
  readonly serial: Uint8Array;
  readonly validity: Validity;
}

export interface Validity {
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

const SHA256_RSA = sequence(oid(OID.sha256WithRsa), NULL);

/** One certificate as DER. */
export function makeCertificate(input: CertificateInput): Uint8Array {
  const body = sequence(
    explicit(0, integer(2)),
    unsignedInteger(input.serial),
    SHA256_RSA,
    nameBytes(input.issuer),
    sequence(time(input.validity.notBeforeMs), time(input.validity.notAfterMs)),
    nameBytes(input.subject),
    publicKeyInfo(input.publicKey),
    explicit(3, sequence(...extensions(input))),
  );
  return sequence(body, SHA256_RSA, bitString(sign('sha256', body, input.issuerKeys.privateKey)));
}

const nameBytes = (parts: NameParts): Uint8Array =>
  sequence(
    ...parts.map(([type, text]) => setOf(sequence(oid(NAME_TYPES[type]), (type === 'C' ? printable : utf8)(text)))),
  );

const publicKeyInfo = (key: KeyObject): Uint8Array => key.export({ type: 'spki', format: 'der' });

const KEY_USAGE = {
  // keyCertSign and cRLSign; digitalSignature, nonRepudiation and keyEncipherment.
  ca: bitString(Uint8Array.of(0x06), 1),
  leaf: bitString(Uint8Array.of(0xe0), 5),
} as const;

const extensions = ({ role, publicKey, issuerKeys }: CertificateInput): readonly Uint8Array[] => [
  extension(OID.basicConstraints, role === 'ca' ? sequence(TRUE) : sequence(), 'critical'),
  extension(OID.keyUsage, KEY_USAGE[role], 'critical'),
  extension(OID.subjectKeyIdentifier, octetString(keyIdentifier(publicKey))),
  extension(OID.authorityKeyIdentifier, sequence(implicitPrimitive(0, keyIdentifier(issuerKeys.publicKey)))),
];

const extension = (id: string, content: Uint8Array, critical?: 'critical'): Uint8Array =>
  sequence(oid(id), ...(critical === undefined ? [] : [TRUE]), octetString(content));

/** Leftmost 160 bits of SHA-256 over the key's bits (RFC 7093, method 1), so that no SHA-1 is needed. */
function keyIdentifier(key: KeyObject): Uint8Array {
  const bits = readAsn1(publicKeyInfo(key))?.children[1]?.content.subarray(1) ?? new Uint8Array();
  return createHash('sha256').update(bits).digest().subarray(0, 20);
}

export interface ChainInput {
  /** The members that all three share; each adds its own common name. */
  readonly organisation: NameParts;
  readonly commonNames: { readonly root: string; readonly sub: string; readonly leaf: string };
  readonly keys: { readonly root: CertificateKeys; readonly sub: CertificateKeys; readonly leaf: CertificateKeys };
  readonly serials: { readonly root: Uint8Array; readonly sub: Uint8Array; readonly leaf: Uint8Array };
  readonly validity: Validity;
}

/** Root, intermediate and leaf as DER. */
export function makeCertificateChain(input: ChainInput) {
  const { keys, serials, validity, commonNames } = input;
  const named = (commonName: string): NameParts => [...input.organisation, ['CN', commonName]];
  const [root, sub, leaf] = [named(commonNames.root), named(commonNames.sub), named(commonNames.leaf)];
  const certificate = (
    fields: Pick<CertificateInput, 'role' | 'subject' | 'issuer' | 'issuerKeys' | 'serial' | 'publicKey'>,
  ) => makeCertificate({ ...fields, validity });
  return {
    root: certificate({
      role: 'ca',
      subject: root,
      issuer: root,
      issuerKeys: keys.root,
      publicKey: keys.root.publicKey,
      serial: serials.root,
    }),
    sub: certificate({
      role: 'ca',
      subject: sub,
      issuer: root,
      issuerKeys: keys.root,
      publicKey: keys.sub.publicKey,
      serial: serials.sub,
    }),
    leaf: certificate({
      role: 'leaf',
      subject: leaf,
      issuer: sub,
      issuerKeys: keys.sub,
      publicKey: keys.leaf.publicKey,
      serial: serials.leaf,
    }),
  };
}

const SUBJECT_PART = /^(C|ST|L|O|OU|CN)=([\x20-\x7e]{1,64})$/;

/** `C=US,ST=California,O=FMP` as parts; undefined for anything else. */
export function parseName(text: string): NameParts | undefined {
  const parts = text.split(',').map(part => SUBJECT_PART.exec(part.trim()));
  return parts.some(part => part === null)
    ? undefined
    : // The pattern admits only the keys of NAME_TYPES.
      parts.map(part => [part?.[1] as keyof typeof NAME_TYPES, part?.[2] ?? ''] as const);
}
