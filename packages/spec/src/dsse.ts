// DSSE envelopes signed with Ed25519: how plans, releases, approvals and trust roots carry signatures.
// Norm: DSSE v1.0 (secure-systems-lab/dsse, protocol.md); signatures are RFC 8032 Ed25519.

import { createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { type KeyId, parseKeyId } from './ids.ts';
import { type PublicKey, parsePublicKey } from './kinds/written-forms.ts';
import { err, ok, type Result } from './result.ts';

export type DsseSignature = {
  readonly keyid: string;
  /** Standard base64 of 64 bytes. */
  readonly sig: string;
};

export type DsseEnvelope = {
  readonly payloadType: string;
  /** Standard base64. */
  readonly payload: string;
  readonly signatures: readonly DsseSignature[];
};

/** The keys of one role, and how many of them must have signed. */
export interface SigningRole {
  readonly role: string;
  readonly threshold: number;
  readonly keys: ReadonlyMap<KeyId, PublicKey>;
}

/** Why an envelope is refused. `dsse-under-threshold` also when only unknown keys signed. */
export type DsseErrorCode = 'dsse-malformed' | 'dsse-wrong-type' | 'dsse-wrong-signature' | 'dsse-under-threshold';

export interface DsseError {
  readonly code: DsseErrorCode;
  readonly message: string;
  /** The key or role that the code is about. */
  readonly subject?: string;
}

export interface VerifiedEnvelope {
  readonly payload: Uint8Array;
  /** Keys of the demanded roles whose signature holds. */
  readonly signers: readonly KeyId[];
  /** Keys that signed but that no demanded role has; their signatures were not looked at. */
  readonly strangers: readonly string[];
}

const MAX_SIGNATURES = 64;
const SPKI_ED25519 = Buffer.from('302a300506032b6570032100', 'hex');

/** Pre-authentication encoding, DSSE protocol.md: what is signed is type and payload, each with its length. */
export function preAuthenticationEncoding(payloadType: string, payload: Uint8Array): Uint8Array {
  const type = Buffer.from(payloadType, 'utf8');
  return Buffer.concat([Buffer.from(`DSSEv1 ${type.length} `), type, Buffer.from(` ${payload.length} `), payload]);
}

export interface Signer {
  readonly keyId: KeyId;
  /** An Ed25519 private key. */
  readonly privateKey: KeyObject;
}

/** Wraps the payload and signs it with every key. */
export function signEnvelope(payloadType: string, payload: Uint8Array, signers: readonly Signer[]): DsseEnvelope {
  const encoded = preAuthenticationEncoding(payloadType, payload);
  return {
    payloadType,
    payload: Buffer.from(payload).toString('base64'),
    signatures: signers.map(({ keyId, privateKey }) => ({
      keyid: keyId,
      sig: sign(null, encoded, privateKey).toString('base64'),
    })),
  };
}

/** The envelope with further signatures over the same content. */
export function addSignatures(envelope: DsseEnvelope, signers: readonly Signer[]): DsseEnvelope {
  const payload = Buffer.from(envelope.payload, 'base64');
  const added = signEnvelope(envelope.payloadType, payload, signers).signatures;
  const others = envelope.signatures.filter(one => !added.some(({ keyid }) => keyid === one.keyid));
  return { ...envelope, signatures: [...others, ...added] };
}

/** The Ed25519 public key object for 32 raw bytes in base64. */
export const publicKeyObject = (key: PublicKey): KeyObject =>
  createPublicKey({ key: Buffer.concat([SPKI_ED25519, Buffer.from(key, 'base64')]), format: 'der', type: 'spki' });

/** The raw public half of an Ed25519 key as the TrustRoot writes it; undefined for a key of another type. */
export function publicKeyOf(key: KeyObject): PublicKey | undefined {
  if (key.asymmetricKeyType !== 'ed25519') return undefined;
  const half = key.type === 'private' ? createPublicKey(key) : key;
  return parsePublicKey(half.export({ format: 'der', type: 'spki' }).subarray(-32).toString('base64'));
}

/** JSON text to envelope; nothing is verified yet. Fails with `dsse-malformed`. */
export function parseEnvelope(text: string): Result<DsseEnvelope, DsseError> {
  try {
    const value: unknown = JSON.parse(text);
    return isEnvelope(value) ? ok(value) : malformed('not a DSSE envelope');
  } catch {
    return malformed('not JSON');
  }
}

/**
 * The payload, if its type is the expected one, every signature by a key of the given roles holds, and each role reaches
 * its threshold with different keys. Look at `strangers` where foreign signatures must not pass in silence.
 */
export function verifyEnvelope(
  envelope: DsseEnvelope,
  payloadType: string,
  roles: readonly SigningRole[],
): Result<VerifiedEnvelope, DsseError> {
  if (envelope.payloadType !== payloadType) {
    return err({ code: 'dsse-wrong-type', message: `payload type is not ${payloadType}` });
  }
  const payload = decodeBase64(envelope.payload);
  if (payload === undefined) return malformed('payload is not base64');
  const encoded = preAuthenticationEncoding(payloadType, payload);
  const signers: KeyId[] = [];
  const strangers: string[] = [];
  for (const { keyid, sig } of envelope.signatures) {
    const known = findKey(roles, keyid);
    if (known === undefined) strangers.push(keyid);
    else if (!holds(encoded, known.key, sig)) return wrongSignature(keyid);
    else signers.push(known.keyId);
  }
  const short = roles.find(role => !reachesThreshold(role, signers));
  return short === undefined ? ok({ payload, signers, strangers }) : underThreshold(short);
}

/** Counts different public keys, so that one key under two names has one voice. */
function reachesThreshold({ threshold, keys }: SigningRole, signers: readonly KeyId[]): boolean {
  const voices = new Set(signers.flatMap(keyId => keys.get(keyId) ?? []));
  return threshold >= 1 && voices.size >= threshold;
}

function findKey(roles: readonly SigningRole[], text: string): { keyId: KeyId; key: PublicKey } | undefined {
  const keyId = parseKeyId(text);
  if (keyId === undefined) return undefined;
  const key = roles.find(role => role.keys.has(keyId))?.keys.get(keyId);
  return key === undefined ? undefined : { keyId, key };
}

/**
 * Signatures that hold, by key and text, with the bytes that they sign: a retained message comes again, byte by byte, with
 * every connection, and verifying it costs more than all the rest of reading it. What does not hold is never remembered.
 */
const HELD = new Map<string, Uint8Array>();
const MOST_HELD = 1_024;

function holds(encoded: Uint8Array, key: PublicKey, sig: string): boolean {
  const name = `${key} ${sig}`;
  const before = HELD.get(name);
  if (before !== undefined && Buffer.compare(before, encoded) === 0) return true;
  const signature = decodeBase64(sig);
  if (signature?.length !== 64 || !verify(null, encoded, keyObject(key), signature)) return false;
  const [oldest] = HELD.keys();
  if (HELD.size >= MOST_HELD && oldest !== undefined) HELD.delete(oldest);
  // A copy: a view would keep the whole pool of buffers alive that it was cut from.
  HELD.set(name, new Uint8Array(encoded));
  return true;
}

/** Key objects by their text: a board believes a handful, and making one takes as long as a message. */
const KEY_OBJECTS = new Map<PublicKey, KeyObject>();
const MOST_KEY_OBJECTS = 64;

function keyObject(key: PublicKey): KeyObject {
  const known = KEY_OBJECTS.get(key);
  if (known !== undefined) return known;
  if (KEY_OBJECTS.size >= MOST_KEY_OBJECTS) KEY_OBJECTS.clear();
  const made = publicKeyObject(key);
  KEY_OBJECTS.set(key, made);
  return made;
}

function decodeBase64(text: string): Uint8Array | undefined {
  const decoded = Buffer.from(text, 'base64');
  return decoded.toString('base64') === text ? decoded : undefined;
}

function isEnvelope(value: unknown): value is DsseEnvelope {
  return (
    isObject(value) &&
    typeof value['payloadType'] === 'string' &&
    typeof value['payload'] === 'string' &&
    Array.isArray(value['signatures']) &&
    value['signatures'].length <= MAX_SIGNATURES &&
    value['signatures'].every(
      one => isObject(one) && typeof one['keyid'] === 'string' && typeof one['sig'] === 'string',
    )
  );
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

const malformed = (message: string) => err<DsseError>({ code: 'dsse-malformed', message });

const wrongSignature = (keyid: string) =>
  err<DsseError>({
    code: 'dsse-wrong-signature',
    message: `the signature by ${keyid} does not verify`,
    subject: keyid,
  });

const underThreshold = ({ role, threshold }: SigningRole) =>
  err<DsseError>({
    code: 'dsse-under-threshold',
    message: `role ${role} needs ${threshold} of its keys to have signed`,
    subject: role,
  });
