// A page of the documentation as a test reads it: its marked parts, and the rows of their tables.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HOUSE } from '../architecture/source-file.ts';

/** The text of a file, by its path from the root. */
export const readHouse = (path: string): string => readFileSync(join(HOUSE, path), 'utf8');

/** What stands between `<!-- name -->` and `<!-- end of name -->`, trimmed. Throws where the marks are not there once. */
export function partOf(page: string, name: string): string {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- end of ${name} -->`];
  const [, inside, ...more] = page.split(begin);
  if (inside === undefined || more.length > 0 || !inside.includes(end)) throw new Error(`${begin} is not there once`);
  return inside.slice(0, inside.indexOf(end)).trim();
}

/** The cells of every row below a heading row, without the ticks of code. */
export const rowsOf = (markdown: string): readonly (readonly string[])[] =>
  markdown
    .split('\n')
    .filter(line => line.startsWith('|'))
    .map(line =>
      line
        .slice(1, -1)
        .split(/(?<!\\)\|/)
        .map(cell => cell.trim().replace(/^`([^`]*)`$/, '$1')),
    )
    .filter((_cells, index, all) => index !== 0 && !isRuler(all[index]) && !isRuler(all[index + 1]));

const isRuler = (cells: readonly string[] | undefined): boolean => cells?.every(cell => /^:?-+:?$/.test(cell)) === true;
