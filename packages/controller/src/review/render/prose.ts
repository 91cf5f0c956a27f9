// Sentences with words from YAML, file names and boards in them, as Markdown that is shown and does nothing.

import { codeSpan as plainCodeSpan } from '../../domain/talk/markdown.ts';

/** Everything that could end a line, hide, or turn the direction of text. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\u2028\u2029\s]+/gu;
/** What opens emphasis, code, links, images, HTML, entities, headings, cells, strikes, emoji or mathematics. */
const MARKUP = /[\\`*_{}[\]<>#!|~&@$^+=]|:(?=[a-z+_/-])|(?<!\d):(?=\d)/gi;
/** Joins words invisibly: GitHub then sees neither a mention nor a reference nor an address. */
const JOINER = '\u2060';

/** On one line. Whatever the text holds, it links nothing, mentions nobody and opens nothing. */
export const prose = (text: string): string =>
  plainLine(text)
    .replace(MARKUP, '\\$&')
    .replace(/[@#]|:(?=\/)|\bGH(?=-)|\bwww(?=\.)/gi, `$&${JOINER}`)
    .replace(/[0-9a-f]{20,}/gi, hash => `${hash.slice(0, 6)}${JOINER}${hash.slice(6)}`);

/** On one line, with nothing in it that steers a terminal. */
export const plainLine = (text: string): string => text.replace(UNPRINTABLE, ' ').trim();

/** A block of lines as code, which nothing in them can end. */
export function codeBlock(lines: readonly string[]): readonly string[] {
  const safe = lines.map(line =>
    withoutComments(line)
      .replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, ' ')
      .replaceAll('`', "'"),
  );
  return ['```text', ...safe, '```'];
}

/** As code, cut where it gets long. */
export const codeSpan = (text: string): string => plainCodeSpan(withoutComments(text));

/** Comments are how machines find their own words: nobody else's may look like one, not even as code. */
const withoutComments = (text: string): string => text.replaceAll('<!--', '<! --');
