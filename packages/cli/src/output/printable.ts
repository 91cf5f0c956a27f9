// Text from outside made safe for a terminal, and measured as a terminal shows it.

import { stripVTControlCharacters } from 'node:util';

/** On one line, and unable to move the cursor, change colours or reverse the direction of text. */
export const printable = (text: string): string =>
  stripVTControlCharacters(text)
    .replace(/\s+/g, ' ')
    .replace(/[\p{Cc}\p{Cf}]/gu, '\uFFFD');

/** Columns that the text takes; our own colours take none. */
export const widthOf = (text: string): number => [...stripVTControlCharacters(text)].length;

/** Plain text cut to a width, with `…` where something is missing. */
export const shorten = (text: string, width: number): string =>
  widthOf(text) <= width ? text : `${[...text].slice(0, Math.max(0, width - 1)).join('')}…`;
