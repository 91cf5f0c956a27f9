// docs/references.md lists every norm that a comment cites, and no other.

import { describe, expect, test } from 'vitest';
import { readSources } from '../architecture/source-file.ts';
import { partOf, readHouse, rowsOf } from './page-parts.ts';

const PAGE = readHouse('docs/references.md');
const COMMENT = /\/\/[^\n]*|\/\*[\s\S]*?\*\//g;
const ID = /^(?:[A-Z][A-Z0-9]+(?:-[A-Z0-9.]+)+|[a-z][a-z-]+\(\d\))$/;

/** `[SD-BOOT]`, `[MQTT-5 4.7]`, `[git-ls-tree(1)]`: ids in brackets, each with or without a section behind it. */
const inBrackets = (comment: string): readonly string[] =>
  [...comment.matchAll(/\[([^\][]+)\]/g)]
    .flatMap(([, inside = '']) => inside.split(','))
    .map(part => part.trim().split(' ')[0] ?? '')
    .filter(word => ID.test(word));

/** `RFC 5652`, `UEFI 2.11 sections 8.5.3, 23.1 and 23.3`, `PI 1.8`, `DSSE v1.0`: norms that a sentence names. */
const inWords = (comment: string): readonly string[] => [
  ...[...comment.matchAll(/\bRFC[ -](\d+)/g)].map(([, number]) => `RFC-${number}`),
  ...[...comment.matchAll(/\bUEFI 2\.11,? sections? ([\d., and]*\d)/g)].flatMap(([, sections = '']) =>
    sections.split(/, | and /).map(section => `UEFI-${section}`),
  ),
  ...[...comment.matchAll(/\bUEFI 2\.11,? appendix ([A-Z])/g)].map(([, letter]) => `UEFI-${letter}`),
  ...(/\bPI 1\.8\b/.test(comment) ? ['PI-1.8'] : []),
  ...(/\bDSSE v1\.0\b/.test(comment) ? ['DSSE'] : []),
];

/** The norms that a source text cites in its comments. */
const citedIn = (text: string): readonly string[] =>
  [...text.matchAll(COMMENT)].flatMap(([comment]) => [...inBrackets(comment), ...inWords(comment)]);

const LISTED = rowsOf(partOf(PAGE, 'norms')).map(([id = '']) => id);
const CITED = new Set(
  readSources()
    .filter(({ path }) => /^packages\/[^/]+\/src\//.test(path))
    .flatMap(({ text }) => citedIn(text)),
);

describe('when the norms are listed', () => {
  test('then every norm that a comment cites is listed', () => {
    expect([...CITED].filter(id => !LISTED.includes(id))).toEqual([]);
  });

  test('then every listed norm is cited, and listed once', () => {
    expect(LISTED.filter((id, index) => !CITED.has(id) || LISTED.indexOf(id) !== index)).toEqual([]);
  });

  test('then each has a title and a public address', () => {
    const rows = rowsOf(partOf(PAGE, 'norms'));
    expect(rows.filter(([, title = '', address = '']) => title === '' || !/^<https:\/\/\S+>$/.test(address))).toEqual(
      [],
    );
  });
});

describe('when a comment is read', () => {
  test.each([
    ['one id', '// As there [SD-BOOT].', ['SD-BOOT']],
    ['two, one with a section', '/** [MQTT-5 3.2.2.2, MQTT-3.1.1 3.2.2.3] */', ['MQTT-5', 'MQTT-3.1.1']],
    ['a section behind a comma', '// [RFC-9110 13.1, 14]', ['RFC-9110', 'RFC-9110']],
    ['a manual page', '// [git-cat-file(1), --batch]', ['git-cat-file(1)']],
    ['sections in words', '// UEFI 2.11 sections 8.5.3, 23.1 and 23.3', ['UEFI-8.5.3', 'UEFI-23.1', 'UEFI-23.3']],
    ['a norm in words', '// DER (RFC 5652, section 11.3).', ['RFC-5652']],
  ])('then %s is found', (_name, comment, ids) => {
    expect(citedIn(comment)).toEqual(ids);
  });

  test('then code and classes of characters are no norms', () => {
    expect(citedIn('const a = [SD_BOOT]; // one of [A-Z0-9], or [set]')).toEqual([]);
  });
});
