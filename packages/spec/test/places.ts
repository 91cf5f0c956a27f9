// Places in YAML as the tests write them: a caret in the text marks where an issue must point.

import { expect } from 'vitest';
import { type ParsedFile, parseFile } from '../src/parse-file.ts';

/** Replaces `from` by `to`, in which a caret marks the place that the issue must point at. */
export function marked(text: string, from: string, to: string): { changed: string; place: string } {
  expect(text).toContain(from);
  const replaced = text.replace(from, () => to);
  const before = replaced.slice(0, replaced.indexOf('^')).split('\n');
  return { changed: replaced.replace('^', ''), place: `${before.length}:${(before.at(-1) ?? '').length + 1}` };
}

const where = ({ problems }: ParsedFile): string[] =>
  problems.map(({ code, line, column }) => `${line}:${column} ${code}`);

/** The problems of one file as `line:column code`. */
export const problemsOf = (text: string | Uint8Array): string[] =>
  where(parseFile(typeof text === 'string' ? Buffer.from(text) : text));
