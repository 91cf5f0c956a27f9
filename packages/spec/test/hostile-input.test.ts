// Files that are broken or meant to hurt: each is refused under its own code, at the place that an engineer must look at.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LIMITS } from '../src/limits.ts';
import { type ParsedFile, parseFile } from '../src/parse-file.ts';
import { validateFiles } from '../src/validate-files.ts';
import { example, examplesWith } from './examples.ts';

const HEAD = `apiVersion: seatrial.dev/v1alpha1
kind: Release
metadata:
  name: r1
spec:
  board: b1
`;
const OS = '  os: { remote: r, ref: a, commit: ';
const ZEROS = '0'.repeat(57);

/** Replaces `from` by `to`, in which a caret marks the place that the issue must point at. */
function marked(text: string, from: string, to: string): { changed: string; place: string } {
  expect(text).toContain(from);
  const replaced = text.replace(from, () => to);
  const before = replaced.slice(0, replaced.indexOf('^')).split('\n');
  return { changed: replaced.replace('^', ''), place: `${before.length}:${(before.at(-1) ?? '').length + 1}` };
}

const where = ({ problems }: ParsedFile): string[] =>
  problems.map(({ code, line, column }) => `${line}:${column} ${code}`);
const parse = (text: string | Uint8Array): string[] =>
  where(parseFile(typeof text === 'string' ? Buffer.from(text) : text));

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

describe('when a document has the wrong shape, then everything is reported at once', () => {
  test.each<[string, string, string[]]>([
    ['not a mapping', '- a\n', ['1:1 not-a-document']],
    ['an unknown kind and version', 'apiVersion: v1\nkind: Pod\n', ['1:13 unknown-api-version', '2:7 unknown-kind']],
    ['no kind', 'apiVersion: seatrial.dev/v1alpha1\n', ['1:1 missing-field']],
    ['nothing after kind', 'apiVersion: seatrial.dev/v1alpha1\nkind:\n', ['2:1 missing-field']],
    ['an unknown key', `${HEAD}  oss: {}\n  notes: n\n`, ['7:3 unknown-key']],
    ['an unknown key at the top', `${HEAD}  notes: n\nstatus: {}\n`, ['6:3 release-empty', '8:1 unknown-key']],
    ['wrong types', `${HEAD}  os: hello\n  notes: [a]\n`, ['7:7 wrong-type', '8:10 wrong-type']],
    [
      'a value that is not offered',
      `${HEAD}  transaction: both\n${OS}"a" }\n`,
      ['7:16 wrong-value', '8:36 bad-digest'],
    ],
    ['missing fields', `${HEAD}  firmware:\n    version: 0.0.1.2\n`, ['7:3 missing-field', '7:3 missing-field']],
    ['an empty field', `${HEAD}  firmware:\n`, ['7:3 missing-field']],
    ['neither half', `${HEAD}  notes: n\n`, ['6:3 release-empty']],
  ])('%s', (_name, text, expected) => {
    const problems = parse(text);
    expect(problems).toEqual(expect.arrayContaining(expected));
  });

  test.each<[string, string, string, string]>([
    ['a name', 'name: iq9075-field', 'name: ^Field_1', 'bad-name'],
    ['a label', 'ring: field', 'ring: ^"a b"', 'bad-text'],
    ['a duration', 'soak: 24h', 'soak: ^24', 'unquoted-text'],
    ['a duration of another form', 'soak: 24h', 'soak: ^1.5h', 'bad-duration'],
    ['a window of no length', 'duration: 3h', 'duration: ^0s', 'bad-duration'],
    ['a percentage', '98%', '^101%', 'bad-percent'],
    ['a cron time', '"0 2 * * *', '^"0 25 * * *', 'bad-cron'],
    ['a cron time that never comes', '"0 2 * * *', '^"0 2 31 2 *', 'bad-cron'],
    ['a cron time with seconds', '"0 2 * * *', '^"0 0 2 * * *', 'bad-cron'],
    ['a cron nickname', '"0 2 * * *', '^"@daily', 'bad-cron'],
    ['a time zone', 'timeZone: device', 'timeZone: ^Mars/Olympus', 'bad-time-zone'],
    ['a rate', '512KiB/s', '^512KiB', 'bad-rate'],
    ['a network', '[wifi, ethernet]\n    maint', '[wifi, ^lora]\n    maint', 'wrong-value'],
    ['an empty list of networks', '[wifi, ethernet]\n    maint', '^[]\n    maint', 'too-short'],
    ['a number out of range', 'minPercent: 40', 'minPercent: ^101', 'out-of-range'],
    ['a fraction of a try', 'bootTries: 3', 'bootTries: ^3.5', 'wrong-type'],
    ['a truth that is text', 'parked: true', 'parked: ^"yes"', 'wrong-type'],
    ['a unit that looks like an option', 'unit: multi-user.target', 'unit: ^--force.service', 'bad-text'],
    ['a program by relative path', '/usr/bin/modem-check', '^modem-check', 'bad-text'],
    ['a URL with a password', '"http://127', '^"http://me:secret@127', 'bad-url'],
    ['a URL of another scheme', '"http://127', '^"file://127', 'bad-url'],
    [
      'two ways to check',
      '{ name: system, unit: multi-user.target',
      '^{ name: system, unit: a.target, http: "http://a"',
      'wrong-value',
    ],
    ['no way to check', '{ name: system, unit: multi-user.target', '^{ name: system', 'missing-field'],
    ['a battery without a bound', '{ minPercent: 40, minVolts: 12.5 }', '^{}', 'missing-field'],
  ])('%s', (_name, from, to, expected) => {
    const text = example('field/fleet.yaml');
    const { changed, place } = marked(text, from, to);
    expect(parse(changed)).toEqual([`${place} ${expected}`]);
  });

  test.each<[string, string, string, string, string]>([
    ['a GUID', 'boards/iq-9075-evk.yaml', '78462415-6133', '^7846241-6133', 'bad-guid'],
    ['a size', 'boards/iq-9075-evk.yaml', '200MiB', '^200MB', 'bad-size'],
    ['a path that climbs', 'boards/iq-9075-evk.yaml', '/boot', '^/boot/../etc', 'bad-text'],
    ['a ref that looks like an option', 'releases/iq9075-2026.11.0.yaml', 'ref: q', 'ref: ^--q', 'bad-text'],
    [
      'a capsule name with a path',
      'releases/iq9075-2026.11.0.yaml',
      'name: firmware.cap',
      'name: ^../a.cap',
      'bad-text',
    ],
    ['a requirement of another form', 'releases/iq9075-2026.11.0.yaml', '">=0.0.1.2', '^">0.0.1.2', 'bad-version'],
    [
      'a version of another form',
      'releases/iq9075-2026.11.0.yaml',
      'version: 0.0.1.2',
      'version: ^1.0.1.2',
      'bad-version',
    ],
    ['a device id', 'field/devices-na.yaml', 'hub-000002', '^hub/000002', 'bad-device-id'],
    ['a moment that does not exist', 'trust/root.yaml', '2027-11-01', '^2027-02-31', 'bad-timestamp'],
    ['a public key', 'trust/root.yaml', '"xcykFerw2', '^"cykFerw2', 'bad-public-key'],
  ])('%s', (_name, path, from, to, expected) => {
    const text = example(path);
    const { changed, place } = marked(text, from, to);
    expect(parse(changed)).toEqual([`${place} ${expected}`]);
  });

  test('when a list has more faults than are shown, then the rest are counted', () => {
    const bad = Array.from({ length: 3_000 }, () => '    - id: "?"\n').join('');
    const { problems } = parseFile(
      Buffer.from(
        `apiVersion: seatrial.dev/v1alpha1\nkind: DeviceList\nmetadata: { name: l }\nspec:\n  board: b\n  devices:\n${bad}`,
      ),
    );
    expect(problems).toHaveLength(LIMITS.issuesPerFile + 1);
    expect(problems.at(-1)?.code).toBe('too-many-issues');
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
