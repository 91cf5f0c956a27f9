// Key pairs and signatures made afresh for the tests.

import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { canonicalJson, type Json } from '../src/fingerprint.ts';
import {
  type DsseEnvelope,
  type KeyId,
  type PublicKey,
  parseKeyId,
  publicKeyOf,
  type Signer,
  signEnvelope,
} from '../src/index.ts';
import { readSource } from '../src/source.ts';
import { payloadTypeOf } from '../src/trust.ts';

export interface TestKey extends Signer {
  readonly public: PublicKey;
}

export function newKey(name: string): TestKey {
  const { privateKey } = generateKeyPairSync('ed25519');
  return { keyId: keyId(name), privateKey, public: raw(privateKey) };
}

export function keyId(name: string): KeyId {
  const id = parseKeyId(name);
  if (id === undefined) throw new Error(`not a key id: ${name}`);
  return id;
}

function raw(key: KeyObject): PublicKey {
  const material = publicKeyOf(key);
  if (material === undefined) throw new Error('not an Ed25519 key');
  return material;
}

/** The envelope over the first document of a YAML text. */
export function signDocument(yaml: string, kind: string, signers: readonly Signer[]): DsseEnvelope {
  const value: Json = readSource(yaml).documents[0]?.value ?? null;
  return signEnvelope(payloadTypeOf(kind), Buffer.from(canonicalJson(value)), signers);
}
