// Documents whose fields are not what their kind says: each fault under its own code and at its own place.

import { describe, expect, test } from 'vitest';
import { LIMITS } from '../src/limits.ts';
import { parseFile } from '../src/parse-file.ts';
import { example } from './examples.ts';
import { marked, problemsOf as parse } from './places.ts';

const HEAD = `apiVersion: seatrial.dev/v1alpha1
kind: Release
metadata:
  name: r1
spec:
  board: b1
`;
const OS = '  os: { remote: r, ref: a, commit: ';

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
