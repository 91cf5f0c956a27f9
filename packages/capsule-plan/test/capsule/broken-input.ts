// Inputs for readers that must answer whatever they are handed: broken copies of real files, noise, and what once failed.

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { concatBytes } from '../../src/bytes/writer.ts';

/** Real inputs, of which generated ones are broken copies. */
const SEEDS = [
  'hostile/good.cap',
  'cap/d7-two-payloads.cap',
  'cap/d8-embedded-driver.cap',
  'cap/d9-dependency.cap',
  'cap/d2-qcs6490-ufs-1img.p7.1.der',
  'mkeficapsule/m2-signed.cap',
  'fv/d2-qcs6490-ufs-1img.firmware.fv',
  'fv/d2-qcs6490-ufs-1img.Metadata.dat',
  'fv/d2-qcs6490-ufs-1img.FvUpdate.xml',
  'fvxml/conf-ufs-mixed.partitions.conf',
  'json/d2-qcs6490-ufs-1img.config.json',
  'sysfw/SYSFW_VERSION-0.0.1.2-low-0.0.0.0.bin',
  'certs/QcFMPCert.pem',
  'certs/QcFMPRoot.inc',
];
const stored = join(import.meta.dirname, '../vectors');
export const seeds = SEEDS.map(path => readFileSync(join(stored, path)));

interface Edit {
  readonly at: number;
  readonly kind: 'set' | 'cut' | 'copy' | 'grow';
  readonly bytes: Uint8Array;
}

const edit: fc.Arbitrary<Edit> = fc.record({
  at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  kind: fc.constantFrom('set', 'set', 'set', 'cut', 'copy', 'grow'),
  bytes: fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 8 }),
    fc.constantFrom(
      Buffer.alloc(4, 255),
      Buffer.alloc(8, 0),
      Buffer.from([0, 0, 0, 128]),
      Buffer.from([255, 255, 255, 127]),
    ),
  ),
});

function edited(seed: Uint8Array, edits: readonly Edit[]): Uint8Array {
  return edits.reduce((bytes: Uint8Array, { at, kind, bytes: patch }) => {
    const offset = Math.floor(at * bytes.length);
    if (kind === 'cut') return bytes.slice(0, offset);
    if (kind === 'grow') return concatBytes([bytes, patch]);
    if (kind === 'copy') return concatBytes([bytes.subarray(0, offset), bytes.subarray(Math.floor(offset / 2))]);
    const copy = Uint8Array.from(bytes);
    copy.set(patch.subarray(0, copy.length - offset), offset);
    return copy;
  }, seed);
}

const broken = fc
  .tuple(fc.constantFrom(...seeds), fc.array(edit, { minLength: 1, maxLength: 6 }))
  .map(([seed, edits]) => edited(seed, edits));
export const anything = fc.oneof(broken, broken, fc.uint8Array({ maxLength: 400 }));

/** Inputs that once failed. */
export const corpus = (): readonly Buffer[] =>
  existsSync(CORPUS) ? readdirSync(CORPUS).map(name => readFileSync(join(CORPUS, name))) : [];

const CORPUS = join(import.meta.dirname, '../corpus/capsule');

/** An input on which a reader threw is kept, so that it is tried first for ever after. */
function keep(bytes: Uint8Array): void {
  mkdirSync(CORPUS, { recursive: true });
  writeFileSync(join(CORPUS, `${Buffer.from(bytes.subarray(0, 8)).toString('hex')}-${bytes.length}.bin`), bytes);
}

/** `answered`, or what was thrown; then the input is kept. */
export const outcome = (read: (bytes: Uint8Array) => unknown, bytes: Uint8Array): string => {
  try {
    read(bytes);
    return 'answered';
  } catch (error) {
    keep(bytes);
    return error instanceof Error ? error.message : 'threw';
  }
};
