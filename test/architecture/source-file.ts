// The sources of the house as values: where each file lies, what it says and what it imports.

import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

export const HOUSE = join(import.meta.dirname, '../..');

export interface SourceFile {
  /** Relative to the root, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

/** Every TypeScript file of ours, sources and tests, sorted. */
export function readSources(): readonly SourceFile[] {
  return globSync(
    ['packages/*/src/**/*.ts', 'packages/*/test/**/*.ts', 'test/**/*.ts', 'bench/**/*.ts', 'scripts/**/*.ts'],
    {
      cwd: HOUSE,
      exclude: path => /(?:^|\/)(?:node_modules|dist)$/.test(path),
    },
  )
    .sort()
    .map(path => ({ path, text: readFileSync(join(HOUSE, path), 'utf8') }));
}

const STATEMENT = /^\s*(?:import|export)\b(?:[^'";]*?\bfrom)?\s*['"]([^'"]+)['"]/gm;
const EXPRESSION = /\bimport\(\s*['"]([^'"]+)['"]\s*\)/g;

/** What a file imports or re-exports, as written: types too, and `import(…)` in expressions and in types. */
export const importsOf = ({ text }: SourceFile): readonly string[] =>
  [STATEMENT, EXPRESSION].flatMap(pattern => [...text.matchAll(pattern)].flatMap(([, specifier]) => specifier ?? []));

/** The path that a relative import leads to; undefined for a package. */
export const resolveImport = ({ path }: SourceFile, specifier: string): string | undefined =>
  specifier.startsWith('.') ? normalize(join(dirname(path), specifier)) : undefined;

/** `spec` for a file below packages/spec, and `test`, `bench` or `scripts` for the others. */
export const packageOf = (path: string): string => /^packages\/([^/]+)\//.exec(path)?.[1] ?? path.split('/')[0] ?? '';

/** The text with comments and the contents of quoted strings blanked, so that only code is left to look at. */
export const codeOf = (text: string): string =>
  text.replace(/\/\*[\s\S]*?\*\/|(?<![:'"\\/[])\/\/[^\n]*|'(?:[^'\\\n]|\\.)*'/g, blank);

const blank = (found: string): string => (found.startsWith("'") ? "''" : found.replace(/[^\n]/g, ' '));
