// Certificates and private keys out of PEM or DER files, checked before anything is signed with them.

import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { err, ok, type Result } from '@seatrial/spec';
import { type CapsuleError, capsuleError } from '../errors.ts';
import { readPem } from './pem.ts';

export const RSA_BITS = { least: 2048, most: 4096 } as const;

/** Every certificate of a PEM file, or the one of a DER file, in file order. Fails with CERT_UNREADABLE. */
export function readCertificates(file: Uint8Array): Result<readonly X509Certificate[], CapsuleError> {
  const blocks = readPem(Buffer.from(file).toString('latin1')).filter(({ label }) => /CERTIFICATE$/.test(label));
  try {
    const certificates = (blocks.length === 0 ? [file] : blocks.map(({ text }) => text)).map(
      source => new X509Certificate(source),
    );
    return ok(certificates);
  } catch {
    return err(capsuleError('CERT_UNREADABLE', 'neither PEM nor DER'));
  }
}

/** The first private key of a PEM file. Fails with KEY_UNREADABLE, KEY_PASSPHRASE or KEY_TYPE. */
export function readPrivateKey(file: Uint8Array, passphrase?: string): Result<KeyObject, CapsuleError> {
  const block = readPem(Buffer.from(file).toString('latin1')).find(({ label }) => label.endsWith('PRIVATE KEY'));
  if (block === undefined) return err(capsuleError('KEY_UNREADABLE', 'no private key in the file'));
  const encrypted = block.label.startsWith('ENCRYPTED') || block.text.includes('Proc-Type: 4,ENCRYPTED');
  if (encrypted && passphrase === undefined) return err(capsuleError('KEY_PASSPHRASE', 'the key is encrypted'));
  try {
    const key = createPrivateKey({ key: block.text, ...(encrypted ? { passphrase: passphrase ?? '' } : {}) });
    const problem = keyProblem(key);
    return problem === undefined ? ok(key) : err(problem);
  } catch {
    return err(
      encrypted ? capsuleError('KEY_PASSPHRASE', 'wrong passphrase') : capsuleError('KEY_UNREADABLE', 'malformed key'),
    );
  }
}

/** Refuses keys that are not RSA of 2048 to 4096 bits. */
export function keyProblem(key: KeyObject): CapsuleError | undefined {
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  const fits = key.asymmetricKeyType === 'rsa' && bits >= RSA_BITS.least && bits <= RSA_BITS.most;
  return fits ? undefined : capsuleError('KEY_TYPE', `${key.asymmetricKeyType ?? 'unknown'} of ${bits} bits`);
}

/** Width of a signature by the certificate's key, in bytes. */
export const signatureBytes = (certificate: X509Certificate): number =>
  Math.ceil((certificate.publicKey.asymmetricKeyDetails?.modulusLength ?? 0) / 8);

/** The one certificate among many that a key belongs to. Fails with KEY_MISMATCH. */
export function certificateOfKey(
  certificates: readonly X509Certificate[],
  key: KeyObject,
): Result<X509Certificate, CapsuleError> {
  const match = certificates.find(certificate => certificate.checkPrivateKey(key));
  return match === undefined ? err(capsuleError('KEY_MISMATCH', 'no certificate has this key')) : ok(match);
}
