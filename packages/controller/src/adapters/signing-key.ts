// The controller's signing key, and the bearer token: files that only the controller should be able to read.
//
// Touches: the two files that are configured.

import { createPrivateKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import {
  type KeyId,
  type PublicKey,
  parseKeyId,
  publicKeyOf,
  type ResolvedTrustRoot,
  type Signer,
} from '@seatrial/spec';
import { PortError } from '../errors.ts';

export interface ControllerKey {
  readonly signer: Signer;
  readonly publicKey: PublicKey;
}

/** Throws PortError `key-unreadable`. Without a name the key is called `controller` until a TrustRoot names it. */
export async function readSigningKey(file: string, keyId: string | undefined): Promise<ControllerKey> {
  try {
    const privateKey = createPrivateKey(await readFile(file));
    const publicKey = publicKeyOf(privateKey);
    const name = parseKeyId(keyId ?? 'controller');
    if (publicKey === undefined || name === undefined) throw new PortError('key-unreadable', file);
    return { signer: { keyId: name, privateKey }, publicKey };
  } catch (cause) {
    // What OpenSSL says about a key file may quote it.
    throw cause instanceof PortError ? cause : new PortError('key-unreadable', file);
  }
}

/** The name under which the TrustRoot gives this key the controller role; undefined if it does not. */
export function trustedName({ publicKey }: ControllerKey, root: ResolvedTrustRoot | undefined): KeyId | undefined {
  const role = Object.entries(root?.roles ?? {}).find(([name]) => name === 'controller')?.[1];
  return role?.keys.find(keyId => root?.keys[keyId] === publicKey);
}

/** The first line of the file. Throws PortError `config-unreadable`. */
export async function readToken(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch(() => {
    throw new PortError('config-unreadable', file);
  });
  const [token = ''] = text.split('\n');
  if (token.trim() === '') throw new PortError('config-invalid', file, { detail: 'the token is empty' });
  return token.trim();
}
