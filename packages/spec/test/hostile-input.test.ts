// Files that are broken or meant to hurt: each is refused under its own code, at the place that an engineer must look at.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LIMITS } from '../src/limits.ts';
import { parseFile } from '../src/parse-file.ts';
import { validateFiles } from '../src/validate-files.ts';
import { example, examplesWith } from './examples.ts';
import { problemsOf as parse } from './places.ts';

const HEAD = `apiVersion: seatrial.dev/v1alpha1
kind: Release
metadata:
  name: r1
spec:
  board: b1
`;
const OS = '  os: { remote: r, ref: a, commit: ';
const ZEROS = '0'.repeat(57);

describe('when a file is not acceptable text, then it is refused where it breaks', () => {
  test.each<[string, string | Uint8Array, string[]]>([
    ['5 MB', Buffer.alloc(5_000_000, '# a comment\n'), ['1:1 file-too-large']],
    [
      'bad UTF-8',
      Buffer.concat([Buffer.from(`${HEAD}  notes: "caf`), Buffer.from([0xe9]), Buffer.from('"\n')]),
      ['7:14 bad-utf8'],
    ],
    [
      'bad UTF-8 after a genuine replacement character',
      Buffer.concat([Buffer.from('a: "\uFFFD'), Buffer.from([0xff])]),
      ['1:6 bad-utf8'],
    ],
    ['a character cut off at the end', Buffer.from([0x61, 0x3a, 0x20, 0xc3]), ['1:4 bad-utf8']],
    ['UTF-16', Buffer.from(`\uFEFF${HEAD}`, 'utf16le'), ['1:1 bad-utf8']],
    [
      'an escape sequence',
      `${HEAD}  notes: "a\u001b[31m"\n  os: {}\n`,
      ['7:12 control-character', '8:3 missing-field', '8:3 missing-field', '8:3 missing-field'],
    ],
    ['reversed text', `# \u202e\n`, ['1:3 control-character']],
    ['a tab as indentation', `${HEAD}\tos: {}\n`, ['7:1 tab-indentation']],
    ['a tab after spaces', 'spec:\n  a: 1\n  \tb: 2\n', ['3:3 tab-indentation']],
    ['an unclosed bracket', `${HEAD}  os: [a\n`, ['8:1 yaml-syntax']],
    ['an unclosed quote', `${HEAD}  notes: "a\n`, ['8:1 yaml-syntax']],
    [
      'a key given twice',
      `${HEAD}  board: b2\n  os: {}\n`,
      ['7:3 duplicate-key', '8:3 missing-field', '8:3 missing-field', '8:3 missing-field'],
    ],
    ['a list as a key', '? [a]\n: b\n', ['1:1 missing-field', '1:1 missing-field', '1:3 bad-key']],
    ['__proto__', `${HEAD}  __proto__: { a: 1 }\n`, ['6:3 release-empty', '7:3 bad-key']],
    ['a directive', `%YAML 1.1\n---\n${HEAD}  notes: n\n`, ['1:1 tag-refused', '8:3 release-empty']],
    ['a tag', `${HEAD}  notes: !!binary aGk=\n`, ['6:3 release-empty', '7:10 tag-refused']],
    ['a tag of its own', `${HEAD}  notes: !evil aGk=\n`, ['6:3 release-empty', '7:10 tag-refused']],
    ['deep brackets', `a: ${'['.repeat(40)}`, ['1:36 nested-too-deep']],
    ['a million brackets', '['.repeat(1_000_000), ['1:34 nested-too-deep']],
    ['too many documents', '--- 1\n'.repeat(LIMITS.documentsPerFile + 1), ['1001:5 too-many-documents']],
    ['more keys than any kind takes', Array.from({ length: 300 }, (_, n) => `k${n}: 1`).join('\n'), ['257:1 too-long']],
  ])('%s', (_name, text, expected) => {
    expect(parse(text)).toEqual(expected);
  });

  test('an alias bomb', () => {
    const levels = [
      'a: &a [x, x, x, x, x, x, x, x, x]',
      ...Array.from('bcdefghi').map((name, n) => `${name}: &${name} [${`*${'abcdefgh'[n]}, `.repeat(9)}]`),
    ];
    const problems = parse(`${levels.join('\n')}\n${HEAD}`);
    expect(problems).toContain('1:4 alias-refused');
    expect(problems).toContain('2:8 alias-refused');
    expect(problems.filter(problem => problem.endsWith('alias-refused')).length).toBe(9 + 8 * 9);
  });

  test('a merge key', () => {
    expect(parse(`${HEAD}  <<: { os: {} }\n`)).toEqual(['6:3 release-empty', '7:3 alias-refused']);
  });
});

describe('when text looks like a number to YAML, then it never becomes one', () => {
  test.each([
    ['an exponent', `12e4567${ZEROS}`],
    ['digits only', `1234567${ZEROS}`],
    ['a leading zero', `0123456${ZEROS}`],
    ['hexadecimal', '0x12'],
    ['octal', '0o17'],
    ['infinity', '.inf'],
    ['not a number', '.NaN'],
    ['a boolean', 'true'],
    ['null', '~'],
  ])('%s as a commit', (_name, commit) => {
    expect(parse(`${HEAD}${OS}${commit} }\n`)).toEqual(['7:36 unquoted-text']);
  });

  test.each([
    ['with letters, unquoted', `abcdef0${ZEROS}`],
    ['in quotes', `"12e4567${ZEROS}"`],
  ])('a commit %s is accepted as it was written', (_name, commit) => {
    const { documents, problems } = parseFile(Buffer.from(`${HEAD}${OS}${commit} }\n`));
    expect(problems).toEqual([]);
    expect(JSON.stringify(documents[0]?.document)).toContain(commit.replaceAll('"', ''));
  });

  test('a version', () => {
    const text = `${HEAD}  firmware: { version: 1.2, lowestSupported: "0.0.0.1", capsules: [] }\n`;
    expect(parse(text)).toEqual(['7:24 unquoted-text', '7:67 too-short']);
  });

  test('when an integer is wanted, then an infinite one is refused', () => {
    const list = example('field/fleet.yaml')
      .replace('stage: 1', 'stage: .inf')
      .replace('minPercent: 40', 'minPercent: 4e1');
    expect(parse(list)).toEqual(['23:37 wrong-type']);
  });
});

describe('when input is arbitrary, then nothing throws and nothing hangs', () => {
  const YAMLISH = fc
    .array(
      fc.constantFrom(
        'a',
        ': ',
        '- ',
        '\n',
        '  ',
        '[',
        ']',
        '{',
        '}',
        ',',
        '"',
        "'",
        '&a ',
        '*a',
        '!t ',
        '|',
        '>',
        '#',
        '? ',
        '\t',
        '---\n',
        '...',
        '%',
        '1',
        '\r',
        '\u0000',
        '💥',
      ),
      { maxLength: 60 },
    )
    .map(parts => parts.join(''));

  /** What holds of every verdict, whatever was judged. */
  const makesSense = (files: ReadonlyMap<string, Uint8Array>): boolean => {
    const { issues, desired } = validateFiles(files);
    const failed = issues.some(({ severity }) => severity === 'error');
    return (
      issues.every(({ file, line, column }) => files.has(file) && line >= 1 && column >= 1) &&
      failed !== (desired !== undefined)
    );
  };
  const checkSense = <T>(
    inputs: fc.Arbitrary<T>,
    filesOf: (input: T) => ReadonlyMap<string, Uint8Array>,
    numRuns: number,
  ) =>
    fc.check(
      fc.property(inputs, input => makesSense(filesOf(input))),
      { numRuns },
    );
  const named = (bytes: Uint8Array) => new Map(['a.yaml', 'a.dsse.json'].map(path => [path, bytes]));

  test('bytes', () => {
    expect(checkSense(fc.uint8Array({ maxLength: 200 }), named, 500)).toMatchObject({ failed: false });
  });

  test('text made of the signs of YAML', () => {
    expect(checkSense(YAMLISH, text => named(Buffer.from(text)), 2_000)).toMatchObject({ failed: false });
  });

  test('an example with a piece cut out or put in', () => {
    const paths = [...examplesWith().keys()].filter(path => path.endsWith('.yaml'));
    const cuts = fc.record({
      path: fc.constantFrom(...paths),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
      cut: fc.nat(20),
      piece: YAMLISH,
    });
    const edited = ({ path, share, cut, piece }: { path: string; share: number; cut: number; piece: string }) => {
      const text = example(path);
      const at = Math.floor(share * text.length);
      return examplesWith({ [path]: text.slice(0, at) + piece + text.slice(at + cut) });
    };
    expect(checkSense(cuts, edited, 300)).toMatchObject({ failed: false });
  });

  test.each([
    ['commas', `[${','.repeat(LIMITS.fileBytes - 1)}`],
    ['closing brackets', ']'.repeat(LIMITS.fileBytes)],
    ['dashes', '- '.repeat(LIMITS.fileBytes / 2)],
    ['anchors', '&a '.repeat(LIMITS.fileBytes / 3)],
    ['escape characters', '\u001b'.repeat(LIMITS.fileBytes)],
    ['keys in one mapping', Array.from({ length: 100_000 }, (_, n) => `k${n}: 1\n`).join('')],
  ])('up to 4 MiB of %s', (_name, text) => {
    const { problems } = parseFile(Buffer.from(text));
    expect(problems).not.toHaveLength(0);
    expect(problems.length).toBeLessThanOrEqual(LIMITS.issuesPerFile + 1);
  });
});
