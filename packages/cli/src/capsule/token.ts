// Adapter: a private key in a PKCS#11 token, used through `openssl` with its pkcs11 engine; the key never leaves the token.
// Runs: openssl dgst -<digest> -engine pkcs11 -keyform engine -sign URI. Sets PKCS11_MODULE_PATH for it. Writes the PIN to a
// nameless file in the temporary directory.

import { type ChildProcess, spawn } from 'node:child_process';
import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SigningDigest } from '@seatrial/capsule-plan/capsule';
import { CapsuleFailure } from './failure.ts';
import { readFirstLine } from './source-file.ts';

export interface TokenKey {
  /** RFC 7512, `pkcs11:token=…;object=…;type=private`. */
  readonly uri: string;
  /** The token's library; else what openssl is configured with. */
  readonly module?: string | undefined;
  /** First line: the PIN. It is handed over as an open file, never on a command line. */
  readonly pinFile?: string | undefined;
}

const TIMEOUT_MS = 60_000;

/** An RSA PKCS#1 v1.5 signature over `bytes`. Fails with KEY_TOKEN; what openssl said is its cause. */
export async function signWithToken(token: TokenKey, digest: SigningDigest, bytes: Uint8Array): Promise<Uint8Array> {
  const pin = token.pinFile === undefined ? undefined : await openPin(token.pinFile);
  try {
    const uri = pin === undefined ? token.uri : withPinSource(token.uri);
    const words = ['dgst', `-${digest}`, '-engine', 'pkcs11', '-keyform', 'engine', '-sign', uri];
    const modulePath = token.module === undefined ? {} : { PKCS11_MODULE_PATH: token.module };
    const options = { env: { ...process.env, ...modulePath }, timeout: TIMEOUT_MS };
    return await collect(
      spawn('openssl', words, { ...options, stdio: ['pipe', 'pipe', 'pipe', pin?.fd ?? 'ignore'] }),
      bytes,
    );
  } finally {
    await pin?.close();
  }
}

/** Feeds the process and takes what it prints. */
async function collect(openssl: ChildProcess, input: Uint8Array): Promise<Uint8Array> {
  const output: Buffer[] = [];
  const complaints: Buffer[] = [];
  openssl.stdout?.on('data', (chunk: Buffer) => output.push(chunk));
  openssl.stderr?.on('data', (chunk: Buffer) => complaints.push(chunk));
  openssl.stdin?.on('error', () => undefined);
  openssl.stdin?.end(input);
  const end = await new Promise<number | string>((resolve, reject) => {
    openssl.on('error', cause => reject(new CapsuleFailure('KEY_TOKEN', '(openssl can not be started)', { cause })));
    openssl.on('close', (code, signal) => resolve(code ?? signal ?? 'nothing'));
  });
  if (end === 0) return Buffer.concat(output);
  const cause = new Error(Buffer.concat(complaints).toString('utf8'));
  throw new CapsuleFailure('KEY_TOKEN', `(openssl ended with ${end})`, { cause });
}

/**
 * The PIN without its line end, which the engine would take for part of it, in a file that has no name any more: the child
 * inherits it as descriptor 3, and nothing is left if the power fails.
 */
async function openPin(path: string): Promise<FileHandle> {
  const pin = await readFirstLine(path);
  const directory = await mkdtemp(join(tmpdir(), 'seatrial-pin-'));
  try {
    const file = await open(join(directory, 'pin'), 'wx+', 0o600);
    await file.writeFile(pin);
    return file;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

const withPinSource = (uri: string): string => `${uri}${uri.includes('?') ? '&' : '?'}pin-source=file:/proc/self/fd/3`;
