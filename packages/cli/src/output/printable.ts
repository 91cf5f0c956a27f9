// Text from outside made safe for a terminal, and measured as a terminal shows it.

import { stripVTControlCharacters } from 'node:util';

/** On one line, and unable to move the cursor, change colours or reverse the direction of text. */
export const printable = (text: string): string =>
  stripVTControlCharacters(text)
    .replace(/\s+/g, ' ')
    .replace(/[\p{Cc}\p{Cf}]/gu, '\uFFFD');

const SEGMENTER = new Intl.Segmenter('en', { granularity: 'grapheme' });
const PLAIN = /^[\x20-\x7e]*$/;

/** What a reader sees as single characters; plain ASCII, which most cells are, needs no looking up. */
const characters = (text: string): readonly string[] =>
  PLAIN.test(text) ? text.split('') : Array.from(SEGMENTER.segment(text), ({ segment }) => segment);

/** Columns that the text takes; our own colours take none. */
export const widthOf = (text: string): number => characters(stripVTControlCharacters(text)).length;

/** Plain text cut to a width, with `…` where something is missing. */
export function shorten(text: string, width: number): string {
  const all = characters(text);
  return all.length <= width ? text : `${all.slice(0, Math.max(0, width - 1)).join('')}…`;
}
