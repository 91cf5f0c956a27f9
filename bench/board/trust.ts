// A controller's key for one run, and the trust root that tells a board to believe it.

import { generateKeyPairSync } from 'node:crypto';
import { InvariantError, parseKeyId, publicKeyOf, type Signer } from '@seatrial/spec';

export interface Trust {
  readonly signer: Signer;
  /** Text of the board's root.json. */
  readonly root: string;
}

export function makeTrust(): Trust {
  const keyId = parseKeyId('controller');
  if (keyId === undefined) throw new InvariantError('controller is a key id');
  const { privateKey } = generateKeyPairSync('ed25519');
  const root = {
    version: 1,
    keys: { [keyId]: publicKeyOf(privateKey) },
    roles: { controller: { threshold: 1, keys: [keyId] } },
  };
  return { signer: { keyId, privateKey }, root: JSON.stringify(root) };
}
