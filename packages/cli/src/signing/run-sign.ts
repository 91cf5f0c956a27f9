// Reads a document, signs it, and replaces the envelope beside it in one step.

import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type DsseEnvelope, envelopePath } from '@seatrial/spec';
import type { Cli } from '../cli.ts';
import type { SignOptions } from '../commands/sign.ts';
import { CliError } from '../errors.ts';
import { printJson } from '../output/format.ts';
import { readSigner } from './key-file.ts';
import { readEnvelope, sign, signableOf } from './sign-document.ts';

export function runSign(cli: Cli, file: string, { key, replace = false, output }: SignOptions): void {
  const path = resolve(cli.cwd, file);
  const beside = envelopePath(path);
  if (beside === path) throw new CliError('document-not-signable', `${file} is no YAML file`);
  const signable = signableOf(file, readDocument(path, file));
  const signers = key.map(name => readSigner(resolve(cli.cwd, name)));
  const envelope = existsSync(beside) ? readEnvelope(beside, readFileSync(beside, 'utf8')) : undefined;
  const signed = sign(signable, signers, { envelope, replace });
  writeEnvelope(beside, signed);
  const { kind, name } = signable;
  const signatures = signed.signatures.map(({ keyid }) => keyid);
  if (output === 'json') printJson(cli, { file: beside, kind, name, signatures });
  else cli.out.write(`${kind} ${name} is signed by ${signatures.join(', ')}: ${beside}\n`);
}

function readDocument(path: string, file: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new CliError('document-unreadable', `${file} can not be read`, { cause });
  }
}

/** A reader sees the old envelope or the new one, never half of one. */
function writeEnvelope(path: string, envelope: DsseEnvelope): void {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    writeFileSync(temporary, `${JSON.stringify(envelope, null, 2)}\n`);
    renameSync(temporary, path);
  } catch (cause) {
    rmSync(temporary, { force: true });
    throw new CliError('output-failed', `${path} could not be written`, { cause });
  }
}
