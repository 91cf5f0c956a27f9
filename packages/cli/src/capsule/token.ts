// Adapter: a private key in a PKCS#11 token, used through `openssl` with its pkcs11 engine; the key never leaves the token.
// Runs: openssl dgst -<digest> -engine pkcs11 -keyform engine -sign URI. Sets PKCS11_MODULE_PATH for it.

import { spawn } from 'node:child_process';
import type { SigningDigest } from '@seatrial/capsule-plan/capsule';
import { CapsuleFailure } from './failure.ts';

export interface TokenKey {
  /** RFC 7512, `pkcs11:token=…;object=…;type=private`. */
  readonly uri: string;
  /** The token's library; else what openssl is configured with. */
  readonly module?: string | undefined;
  /** First line: the PIN. It is handed to the engine as a path, never on a command line. */
  readonly pinFile?: string | undefined;
}

const TIMEOUT_MS = 60_000;

/** An RSA PKCS#1 v1.5 signature over `bytes`. Fails with KEY_TOKEN; what openssl said is its cause. */
export async function signWithToken(token: TokenKey, digest: SigningDigest, bytes: Uint8Array): Promise<Uint8Array> {
  const uri = token.pinFile === undefined ? token.uri : withPinSource(token.uri, token.pinFile);
  const words = ['dgst', `-${digest}`, '-engine', 'pkcs11', '-keyform', 'engine', '-sign', uri];
  const modulePath = token.module === undefined ? {} : { PKCS11_MODULE_PATH: token.module };
  const openssl = spawn('openssl', words, { env: { ...process.env, ...modulePath }, timeout: TIMEOUT_MS });
  const output: Buffer[] = [];
  const complaints: Buffer[] = [];
  openssl.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  openssl.stderr.on('data', (chunk: Buffer) => complaints.push(chunk));
  openssl.stdin.on('error', () => undefined);
  openssl.stdin.end(bytes);
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    openssl.on('error', cause => reject(new CapsuleFailure('KEY_TOKEN', '(openssl can not be started)', { cause })));
    openssl.on('close', resolve);
  });
  if (exitCode === 0) return Buffer.concat(output);
  const cause = new Error(Buffer.concat(complaints).toString('utf8'));
  throw new CapsuleFailure('KEY_TOKEN', `(openssl ended with ${exitCode})`, { cause });
}

const withPinSource = (uri: string, pinFile: string): string =>
  `${uri}${uri.includes('?') ? '&' : '?'}pin-source=file:${pinFile}`;
