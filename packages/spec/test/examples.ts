// The tests' valid input: test/example, a tree like fleets/ that only these tests use, so that they may count its lines.

import { readDirectory } from '../src/read-directory.ts';

const EXAMPLE = new URL('./example/', import.meta.url).pathname;

export const EXAMPLES: Readonly<Record<string, string>> = Object.fromEntries(
  [...readDirectory(EXAMPLE).files].map(([path, bytes]) => [path, new TextDecoder().decode(bytes)]),
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
