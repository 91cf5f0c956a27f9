// A directory in which `seatrial capsule` is tried as it is typed.

import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { type Ran, runCli } from './run-cli.ts';

export const VECTORS = join(import.meta.dirname, '../../../capsule-plan/test/vectors');
let place = '';

/** The directory of its own that a test file works in. */
export const placeOf = (): string => place;

export const capsule = async (...words: readonly string[]): Promise<Ran> =>
  await runCli(['capsule', ...words], { cwd: place });
export const at = (...parts: readonly string[]): string => join(place, ...parts);
export const bytesOf = (name: string): Buffer => readFileSync(at(name));
export const vector = (name: string): Buffer => readFileSync(join(VECTORS, name));
export const openssl = (...words: readonly string[]): string =>
  execFileSync('openssl', words, { cwd: place, encoding: 'latin1', stdio: 'pipe' });

/** Fails the test with what the command said. */
export async function done(...words: readonly string[]): Promise<Ran> {
  const ran = await capsule(...words);
  expect({ code: ran.code, err: ran.err }).toEqual({ code: 0, err: '' });
  return ran;
}

export const errorOf = (ran: Ran): string | undefined => /error ([A-Z_]+|usage):/.exec(ran.err)?.[1];

/** How a command ended, and which files it left that were not there before. */
export async function attempt(...words: readonly string[]) {
  const before = new Set(readdirSync(place));
  const ran = await capsule(...words);
  return { code: ran.code, error: errorOf(ran), left: readdirSync(place).filter(name => !before.has(name)) };
}

/** Refused with this code, and not a file more than before. */
export const refusal = (error: string) => ({ code: 2, error, left: [] });

export const DOCUMENT = `apiVersion: seatrial.dev/v1alpha1
kind: CapsuleBuild
metadata: { name: test }
spec:
  target: QCS9100
  storage: UFS
  version: 0.0.1.3
  lowestSupported: 0.0.1.0
  images:
    - file: images/xbl.elf
    - { file: images/uefi.elf, operation: ignore }
    - file: images/tz.mbn
  signing:
    certificate: certs/QcFMPCert.pem
    chain: [certs/QcFMPSub.pub.pem]
    trustAnchors: [certs/QcFMPRoot.pub.pem]
    signingTime: "2026-03-01T00:00:00Z"
  output: built.cap
`;

export const write = (name: string, text: string | Uint8Array): string => {
  writeFileSync(at(name), text);
  return name;
};
export const document = (name: string, from: string, to: string): string => write(name, DOCUMENT.replace(from, to));

/** A fresh directory with images, certificates, a version file and one built capsule; call it once per test file. */
export function usePlace(): void {
  beforeAll(async () => {
    place = mkdtempSync(join(tmpdir(), 'seatrial-capsule-'));
    cpSync(join(VECTORS, 'images/d1-qcs9100-ufs-4img'), at('images'), { recursive: true });
    for (const name of ['certs', 'certs-evil', 'certs-expired'])
      cpSync(join(VECTORS, name), at(name), { recursive: true });
    write('build.yaml', DOCUMENT);
    await done('version-create', '0.0.1.2', '--lowest', '0.0.0.0');
    await done('build', 'build.yaml');
  });

  afterAll(() => rmSync(place, { recursive: true, force: true }));
}
