// Makes a key pair and says what to do with its public half.

import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseKeyId } from '@seatrial/spec';
import type { Cli } from '../cli.ts';
import type { KeygenOptions } from '../commands/keygen.ts';
import { CliError } from '../errors.ts';
import { printJson } from '../output/format.ts';
import { generateKey, writeNewFile } from './key-file.ts';

export function runKeygen(cli: Cli, name: string, { directory, output }: KeygenOptions): void {
  const keyId = parseKeyId(name);
  if (keyId === undefined) {
    throw new CliError('usage', `${name} can not be the name of a key: 1 to 64 of A-Z a-z 0-9 . _ -`);
  }
  const folder = resolve(cli.cwd, directory);
  const privateFile = join(folder, `${keyId}.key`);
  const publicFile = join(folder, `${keyId}.pub`);
  const { privatePem, publicKey } = generateKey();
  const line = `${keyId}: { type: ed25519, public: "${publicKey}" }`;
  prepareFolder(folder);
  writeNewFile(privateFile, privatePem, 0o600);
  writeNewFile(publicFile, `${line}\n`, 0o644);
  if (output === 'json') printJson(cli, { keyId, publicKey, privateFile, publicFile });
  else cli.out.write(`${privateFile} is private: keep it out of git.\nFor spec.keys of the TrustRoot:\n    ${line}\n`);
}

function prepareFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new CliError('output-failed', `${folder} could not be made`, { cause });
  }
}
