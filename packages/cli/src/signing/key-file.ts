// Adapter: private keys as files, Ed25519 in PKCS#8 PEM (RFC 8410). Writes with mode 0600 and never over anything.

import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { basename } from 'node:path';
import { InvariantError, type KeyId, type PublicKey, parseKeyId, publicKeyOf, type Signer } from '@seatrial/spec';
import { CliError } from '../errors.ts';

export interface NewKey {
  readonly privatePem: string;
  readonly publicKey: PublicKey;
}

export function generateKey(): NewKey {
  const { privateKey } = generateKeyPairSync('ed25519');
  const publicKey = publicKeyOf(privateKey);
  if (publicKey === undefined) throw new InvariantError('a new Ed25519 key has no public half');
  return { privatePem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), publicKey };
}

/** Fails with `key-exists` where there is anything of this name, with `output-failed` where it can not be written. */
export function writeNewFile(path: string, text: string, mode: number): void {
  try {
    const file = openSync(path, 'wx', mode);
    try {
      writeSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  } catch (cause) {
    if (isExisting(cause)) throw new CliError('key-exists', `${path} exists`, { cause });
    throw new CliError('output-failed', `${path} could not be written`, { cause });
  }
}

const isExisting = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'EEXIST';

/** Signs under the name of its file. Fails with `key-unreadable` or `key-not-ed25519`. */
export function readSigner(path: string): Signer {
  const privateKey = readPrivateKey(path);
  if (privateKey.asymmetricKeyType !== 'ed25519') {
    throw new CliError('key-not-ed25519', `${path} is a key of type ${privateKey.asymmetricKeyType}`);
  }
  return { keyId: keyIdOf(path), privateKey };
}

function readPrivateKey(path: string): KeyObject {
  try {
    return createPrivateKey(readFileSync(path));
  } catch (cause) {
    throw new CliError('key-unreadable', `${path} is no private key that can be read`, { cause });
  }
}

function keyIdOf(path: string): KeyId {
  const name = basename(path).replace(/\.(?:key|pem)$/, '');
  const keyId = parseKeyId(name);
  if (keyId === undefined) throw new CliError('usage', `${name} can not be the name of a key`);
  return keyId;
}
