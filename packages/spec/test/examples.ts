// The YAML under fleets/ as the tests' valid input: path to text.

import { readDirectory } from '../src/read-directory.ts';

export const FLEETS = new URL('../../../fleets/', import.meta.url).pathname;

export const EXAMPLES: Readonly<Record<string, string>> = Object.fromEntries(
  [...readDirectory(FLEETS).files].map(([path, bytes]) => [path, new TextDecoder().decode(bytes)]),
);

/** All examples as files, with some replaced by other text and others added. */
export function examplesWith(changes: Readonly<Record<string, string | Uint8Array>> = {}): Map<string, Uint8Array> {
  const all = { ...EXAMPLES, ...changes };
  return new Map(
    Object.entries(all).map(([path, content]) => [path, typeof content === 'string' ? Buffer.from(content) : content]),
  );
}

/** The text of one example; a test that names a file that is gone must not pass. */
export function example(path: string): string {
  const text = EXAMPLES[path];
  if (text === undefined) throw new Error(`no example ${path}`);
  return text;
}
