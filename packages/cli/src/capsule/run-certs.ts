// `certs`: the guide's root, intermediate and leaf, under the guide's file names, and always with SHA-256.

import { generateKeyPair, type KeyObject, randomBytes } from 'node:crypto';
import { mkdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { makeCertificateChain, parseName, writeHexText, writePem } from '@seatrial/capsule-plan/capsule';
import type { Cli } from '../cli.ts';
import { type Format, printJson } from '../output/format.ts';
import { CapsuleFailure } from './failure.ts';
import { writeBytes } from './output-file.ts';
import { readFirstLine } from './source-file.ts';

export interface CertsOptions {
  readonly organisation: string;
  readonly rootName: string;
  readonly subName: string;
  readonly leafName: string;
  readonly days: number;
  readonly bits: number;
  /** First line encrypts the private keys. */
  readonly passphraseFile?: string;
  readonly output: Format;
}

const generate = promisify(generateKeyPair);
const DAY_MS = 86_400_000;
const SERIAL_BYTES = 16;

/** Writes QcFMPRoot, QcFMPSub and QcFMPCert into `directory`. Never overwrites a key. */
export async function runCerts(cli: Cli, directory: string, options: CertsOptions): Promise<void> {
  const organisation = parseName(options.organisation);
  if (organisation === undefined) throw new CapsuleFailure('CONFIG_VALUE', `(${options.organisation} is no name)`);
  const place = resolve(cli.cwd, directory);
  await demandEmpty(place);
  const passphrase = await passphraseOf(cli, options);
  const [root, sub, leaf] = [await newKeys(options.bits), await newKeys(options.bits), await newKeys(options.bits)];
  const nowMs = cli.clock.now();
  const chain = makeCertificateChain({
    organisation,
    commonNames: { root: options.rootName, sub: options.subName, leaf: options.leafName },
    keys: { root, sub, leaf },
    serials: { root: newSerial(), sub: newSerial(), leaf: newSerial() },
    validity: { notBeforeMs: nowMs, notAfterMs: nowMs + options.days * DAY_MS },
  });
  const subCertificate = writePem('CERTIFICATE', chain.sub);
  const leafKey = keyPem(leaf.privateKey, passphrase);
  const leafCertificate = writePem('CERTIFICATE', chain.leaf);
  const files: readonly (readonly [string, string | Uint8Array, 'secret'?])[] = [
    ['QcFMPRoot.key', keyPem(root.privateKey, passphrase), 'secret'],
    ['QcFMPRoot.cer', chain.root],
    ['QcFMPRoot.pub.pem', writePem('CERTIFICATE', chain.root)],
    ['QcFMPRoot.inc', writeHexText(chain.root)],
    ['QcFMPSub.key', keyPem(sub.privateKey, passphrase), 'secret'],
    ['QcFMPSub.crt', subCertificate],
    ['QcFMPSub.pub.pem', subCertificate],
    ['QcFMPCert.key', leafKey, 'secret'],
    ['QcFMPCert.crt', leafCertificate],
    ['QcFMPCert.pem', leafKey + leafCertificate, 'secret'],
  ];
  await mkdir(place, { recursive: true });
  for (const [name, content, secret] of files)
    await writeBytes(join(place, name), content, secret === undefined ? {} : { mode: 0o600 });
  if (options.output === 'json') printJson(cli, { directory, files: files.map(([name]) => name) });
  else cli.out.write(files.map(([name]) => `${join(directory, name)}\n`).join(''));
}

async function demandEmpty(place: string): Promise<void> {
  for (const name of ['QcFMPRoot.key', 'QcFMPSub.key', 'QcFMPCert.key', 'QcFMPCert.pem']) {
    const exists = await stat(join(place, name)).then(
      () => true,
      () => false,
    );
    if (exists) throw new CapsuleFailure('OUTPUT_FAILED', `(${join(place, name)} exists; a key is never overwritten)`);
  }
}

const newSerial = (): Uint8Array => {
  const serial = randomBytes(SERIAL_BYTES);
  // Positive, and never shorter than it looks.
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40;
  return serial;
};

const newKeys = async (bits: number) => await generate('rsa', { modulusLength: bits });

async function passphraseOf(cli: Cli, { passphraseFile }: CertsOptions): Promise<string | undefined> {
  if (passphraseFile === undefined) return undefined;
  const line = await readFirstLine(resolve(cli.cwd, passphraseFile));
  if (line === '') throw new CapsuleFailure('KEY_PASSPHRASE', `(${passphraseFile} is empty)`);
  return line;
}

function keyPem(key: KeyObject, passphrase: string | undefined): string {
  const encryption = passphrase === undefined ? {} : { cipher: 'aes-256-cbc', passphrase };
  return key.export({ type: 'pkcs8', format: 'pem', ...encryption }).toString();
}
