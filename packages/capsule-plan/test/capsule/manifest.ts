// The vector sets: a directory with MANIFEST.json, by default the project's own copy, else the one named in CAPSULE_VECTORS.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const named = process.env['CAPSULE_VECTORS'];
/** A relative name counts from where npm was called. */
export const VECTORS =
  named === undefined || named === ''
    ? join(import.meta.dirname, '../vectors')
    : resolve(process.env['INIT_CWD'] ?? process.cwd(), named);

/** Integers beyond 2^53 arrive as bigint, the rest as numbers. */
export type Parsed = { readonly [key: string]: Parsed } | readonly Parsed[] | string | number | bigint | boolean | null;
export type ParsedObject = { readonly [key: string]: Parsed };

export interface Expectation {
  readonly verdict: 'accept' | 'reject' | 'policy';
  readonly layer?: string | null;
  readonly class?: string;
  readonly trust?: string;
  readonly expectedGuid?: string;
}

export interface Vector {
  readonly id: string;
  readonly kind: string;
  readonly files: readonly string[];
  readonly how: readonly string[] | string;
  readonly parsed?: ParsedObject;
  readonly deterministic?: boolean | string;
  readonly expect?: Expectation;
  readonly printAll?: string;
  readonly images?: Readonly<Record<string, string>>;
  readonly fileGuids?: readonly string[];
  readonly fvSha256?: string;
  readonly sha256?: string;
  readonly certs?: string;
  readonly inputs?: readonly { readonly name: string; readonly sha256: string }[];
}

interface Manifest {
  readonly signingTime: string;
  readonly vectors: readonly Vector[];
  readonly files: readonly { readonly path: string; readonly sha256: string }[];
}

/** Leaves integers beyond 2^53 exact; the text of a number is handed over by V8, though the types do not say so. */
const exactIntegers = (_key: string, value: unknown, context?: { readonly source?: string }): unknown =>
  typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value) && context?.source !== undefined
    ? BigInt(context.source)
    : value;

export const file = (path: string): Buffer => readFileSync(join(VECTORS, path));
// The manifest's format is fixed by its own description; a set that departs from it fails in the test that reads it.
export const manifest = JSON.parse(file('MANIFEST.json').toString('utf8'), exactIntegers) as Manifest;
export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** The file with this digest, wherever the manifest has it. */
export function fileByDigest(digest: string): Buffer | undefined {
  const entry = manifest.files.find(candidate => candidate.sha256 === digest);
  return entry === undefined ? undefined : file(entry.path);
}

/** The words of the command that made a vector. */
export const words = (vector: Vector): readonly string[] =>
  typeof vector.how === 'string' ? vector.how.split(' ') : vector.how;

/** What follows an option in that command. */
export function option(vector: Vector, name: string): string {
  const list = words(vector);
  const at = list.indexOf(name);
  const value = at < 0 ? undefined : list[at + 1];
  if (value === undefined) throw new Error(`${vector.id}: no ${name} in its command`);
  return value;
}

/** Whether the set holds this file; some images are too large to be stored. */
export const isStored = (path: string): boolean => manifest.files.some(entry => entry.path === path);

/** An image that is not stored: every set makes those by this recipe. */
export function imageByRecipe(sizeBytes: number): Buffer {
  const bytes = Buffer.alloc(sizeBytes);
  for (let at = 0; at < sizeBytes; at += 1) bytes[at] = (31 * at + 17 * (at >> 8) + 7) & 255;
  return bytes;
}

/** Some manifests say in words what holds a rebuild up; only a plain no frees a vector from it. */
export const isDeterministic = ({ deterministic }: Vector): boolean =>
  deterministic !== false && !(typeof deterministic === 'string' && /^no\b/i.test(deterministic));
