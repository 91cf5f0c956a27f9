// Signs commits as `git commit -S` does with an SSH key, so that `git verify-commit` can check what the stand-in signed.
// GitHub signs with an OpenPGP key of its own; all that a client sees of either is an armoured text and "verified".

import { createHash, type KeyObject, sign } from 'node:crypto';

/** The armoured signature of a text. */
export type Signer = (payload: string) => string;

const NAMESPACE = 'git';
const HASH = 'sha512';

/** An Ed25519 key. PROTOCOL.sshsig of OpenSSH, "Blob format" and "Signed data". */
export function sshSigner(privateKey: KeyObject, publicKey: KeyObject): Signer {
  return payload => {
    const hash = createHash(HASH).update(payload).digest();
    const about = [text(NAMESPACE), text(''), text(HASH)];
    const signed = Buffer.concat([Buffer.from('SSHSIG'), ...about, bytes(hash)]);
    const signature = Buffer.concat([text('ssh-ed25519'), bytes(sign(null, signed, privateKey))]);
    const blob = Buffer.concat([
      Buffer.from('SSHSIG'),
      uint32(1),
      bytes(publicKeyBlob(publicKey)),
      ...about,
      bytes(signature),
    ]);
    const lines = blob.toString('base64').match(/.{1,70}/g) ?? [];
    return ['-----BEGIN SSH SIGNATURE-----', ...lines, '-----END SSH SIGNATURE-----'].join('\n');
  };
}

/** One line of an allowed-signers file, for whoever wants to verify. */
export const allowedSigner = (email: string, publicKey: KeyObject): string =>
  `${email} namespaces="${NAMESPACE}" ssh-ed25519 ${publicKeyBlob(publicKey).toString('base64')}\n`;

/** The last 32 bytes of a SubjectPublicKeyInfo are the key (RFC 8410, section 4). */
const publicKeyBlob = (key: KeyObject): Buffer =>
  Buffer.concat([text('ssh-ed25519'), bytes(key.export({ format: 'der', type: 'spki' }).subarray(-32))]);

const text = (value: string): Buffer => bytes(Buffer.from(value, 'utf8'));

const bytes = (value: Buffer): Buffer => Buffer.concat([uint32(value.length), value]);

function uint32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32BE(value);
  return buffer;
}
