// The signer that a user names: a key in a PEM file, perhaps encrypted, or a key in a token.

import type { KeyObject, X509Certificate } from 'node:crypto';
import {
  blockBytes,
  bytesToSign,
  certificateOfKey,
  isValidAt,
  readCertificates,
  readPrivateKey,
  type SignerIdentity,
  type SigningDigest,
  sealSignature,
  signPayload,
} from '@seatrial/capsule-plan/capsule';
import type { Cli } from '../cli.ts';
import { CapsuleFailure, take } from './failure.ts';
import { askPassphrase } from './passphrase.ts';
import { readFirstLine, readSmallFile } from './source-file.ts';
import { signWithToken, type TokenKey } from './token.ts';

/** Paths are absolute. */
export interface SignerFiles {
  /** The signer's certificate, and its key unless `key` or `token` names one. */
  readonly certificate: string;
  readonly key?: string | undefined;
  readonly token?: TokenKey | undefined;
  readonly passphraseFile?: string | undefined;
  readonly chain: readonly string[];
  readonly digestName: SigningDigest;
  readonly signingTimeMs: number;
  /** Refuses certificates that are not valid at the signing time. */
  readonly strict: boolean;
}

export interface CapsuleSigner {
  readonly identity: SignerIdentity;
  /** The size of what `sign` gives. */
  readonly blockBytes: number;
  /** The PKCS#7 block for a payload of this digest. */
  sign(digest: Uint8Array): Promise<Uint8Array>;
}

/** Reads and checks everything before anything is written. Fails with a code of layer key, or INPUT_UNREADABLE. */
export async function openSigner(cli: Cli, files: SignerFiles): Promise<CapsuleSigner> {
  const certificates = take(readCertificates(await readSmallFile(files.certificate)), files.certificate);
  const others = (await Promise.all(files.chain.map(readChainFile))).flat();
  const shared = { digestName: files.digestName, others, signingTimeMs: files.signingTimeMs };
  const signer =
    files.token === undefined
      ? localSigner(await openKey(cli, files), certificates, shared)
      : tokenSigner(files.token, certificates, shared);
  if (files.strict) demandValid([signer.identity.certificate, ...others], files.signingTimeMs);
  return signer;
}

const readChainFile = async (path: string): Promise<readonly X509Certificate[]> =>
  take(readCertificates(await readSmallFile(path)), path);

/** Asks for a passphrase only where the key needs one. */
async function openKey(cli: Cli, files: SignerFiles): Promise<KeyObject> {
  const path = files.key ?? files.certificate;
  const pem = await readSmallFile(path);
  const given = files.passphraseFile === undefined ? undefined : await readFirstLine(files.passphraseFile);
  const key = readPrivateKey(pem, given);
  if (key.ok || key.error.code !== 'KEY_PASSPHRASE' || given !== undefined) return take(key, path);
  return take(readPrivateKey(pem, await askPassphrase(cli, path)), path);
}

type Shared = Omit<SignerIdentity, 'certificate'>;

function localSigner(key: KeyObject, certificates: readonly X509Certificate[], shared: Shared): CapsuleSigner {
  const identity = { ...shared, certificate: take(certificateOfKey(certificates, key)), key };
  return { identity, blockBytes: blockBytes(identity), sign: async digest => take(signPayload(identity, digest)) };
}

function tokenSigner(token: TokenKey, certificates: readonly X509Certificate[], shared: Shared): CapsuleSigner {
  const [certificate] = certificates;
  if (certificate === undefined) throw new CapsuleFailure('CERT_UNREADABLE', '(the signer has no certificate)');
  const identity = { ...shared, certificate };
  return {
    identity,
    blockBytes: blockBytes(identity),
    sign: async digest => {
      const signature = await signWithToken(token, identity.digestName, bytesToSign(identity, digest));
      return take(sealSignature(identity, digest, signature));
    },
  };
}

function demandValid(certificates: readonly X509Certificate[], atMs: number): void {
  const expired = certificates.find(certificate => !isValidAt(certificate, atMs));
  if (expired !== undefined) throw new CapsuleFailure('CERT_EXPIRED', `(${expired.subject.replaceAll('\n', ', ')})`);
}

/** Now unless said otherwise. Fails with CONFIG_VALUE. */
export function signingTimeOf({ clock }: Pick<Cli, 'clock'>, text: string | undefined): number {
  const atMs = text === undefined ? clock.now() : Date.parse(text);
  if (Number.isNaN(atMs)) throw new CapsuleFailure('CONFIG_VALUE', `(${text} is not a time)`);
  return atMs;
}
