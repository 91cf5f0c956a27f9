// The adapters: what is read from a directory, and what the cache may and may not change.

import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openDiskCache, readDirectory, sha256Hex, validateDirectory } from '../src/index.ts';
import { parseFile } from '../src/parse-file.ts';
import { validateFiles } from '../src/validate-files.ts';
import { EXAMPLES, examplesWith } from './examples.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'seatrial-spec-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const directory = (): string => join(folder, 'fleets');
const caches = (): string => join(folder, 'cache');

function write(path: string, content: string | Uint8Array): void {
  const place = join(directory(), path);
  mkdirSync(dirname(place), { recursive: true });
  writeFileSync(place, content);
}
function writeExamples(): void {
  for (const [path, text] of Object.entries(EXAMPLES)) write(path, text);
}
const codes = ({ issues }: { issues: readonly { file: string; code: string }[] }): string[] =>
  issues.filter(({ code }) => code !== 'signature-missing').map(({ file, code }) => `${file} ${code}`);

describe('when a directory is read', () => {
  test('then YAML and signatures are found at any depth, and nothing else', () => {
    for (const path of [
      'a.yaml',
      'b/c/d.yml',
      'b/d.dsse.json',
      'notes.md',
      'x.json',
      'yaml',
      '.git/e.yaml',
      'node_modules/f.yaml',
      '.g.yaml',
    ]) {
      write(path, '# nothing\n');
    }
    expect([...readDirectory(directory()).files.keys()].sort()).toEqual([
      '.g.yaml',
      'a.yaml',
      'b/c/d.yml',
      'b/d.dsse.json',
    ]);
  });

  test('then links are not followed, neither to files nor to directories', () => {
    write('a.yaml', '# nothing\n');
    symlinkSync('/etc/hostname', join(directory(), 'secret.yaml'));
    symlinkSync('.', join(directory(), 'loop'));
    const contents = readDirectory(directory());
    expect([...contents.files.keys()]).toEqual(['a.yaml']);
    expect(codes(contents)).toEqual(['secret.yaml symlink-ignored']);
  });

  test('then a file of 5 MB is refused without being read', () => {
    write('big.yaml', '');
    truncateSync(join(directory(), 'big.yaml'), 5_000_000);
    const contents = readDirectory(directory());
    expect(contents.files.size).toBe(0);
    expect(codes(contents)).toEqual(['big.yaml file-too-large']);
  });

  test('and is not there, then that is an issue', async () => {
    const validation = await validateDirectory(join(folder, 'nowhere'), { cacheFolder: false });
    expect(codes(validation)).toEqual(['. file-unreadable']);
    expect(validation.desired).toBeUndefined();
  });

  test.skipIf(process.getuid?.() === 0)('and a file may not be read, then that is an issue', () => {
    write('a.yaml', '# nothing\n');
    chmodSync(join(directory(), 'a.yaml'), 0);
    expect(codes(readDirectory(directory()))).toEqual(['a.yaml file-unreadable']);
  });

  test('then fleets/ is valid', async () => {
    const fleets = new URL('../../../fleets/', import.meta.url).pathname;
    const { issues, desired, files } = await validateDirectory(fleets, { cacheFolder: false });
    expect(issues.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(desired?.targets).not.toHaveLength(0);
    expect(files.has('lab/fleet.yaml')).toBe(true);
  });
});

describe('when verdicts are kept', () => {
  test('then the second run parses nothing and says the same', () => {
    const known = new Map<string, ReturnType<typeof parseFile>>();
    const first = validateFiles(examplesWith({ 'bad.yaml': 'a: [' }), {}, known);
    const asked: string[] = [];
    const second = validateFiles(
      examplesWith({ 'bad.yaml': 'a: [' }),
      {},
      {
        get: key => known.get(key),
        set: key => asked.push(key),
      },
    );
    expect(asked).toEqual([]);
    expect(second).toEqual(first);
  });

  test('on disk, then a later run says the same, also about what is wrong', async () => {
    writeExamples();
    write('lab/fleet.yaml', (EXAMPLES['lab/fleet.yaml'] ?? '').replace('soak: 5s', 'soak: 5x'));
    const first = await validateDirectory(directory(), { cacheFolder: caches() });
    const second = await validateDirectory(directory(), { cacheFolder: caches() });
    expect(codes(first)).toEqual(['lab/fleet.yaml bad-duration']);
    expect(second).toEqual(first);
    expect(readdirSync(caches())).toHaveLength(1);
  });

  test('on disk, then what they hold is used', () => {
    const cache = openDiskCache(directory(), caches());
    const key = sha256Hex('a');
    const parsed = parseFile(Buffer.from('a'));
    cache.set(key, parsed);
    // Two sides of a change are judged in one run: what the first has found serves the second.
    expect(cache.get(key)).toEqual(parsed);
    cache.save();
    expect(openDiskCache(directory(), caches()).get(key)).toEqual(parsed);
    expect(openDiskCache(`${directory()}-other`, caches()).get(key)).toBeUndefined();
  });

  test('on disk, then verdicts that no run asks for any more are dropped', () => {
    const [kept, dropped] = [sha256Hex('a'), sha256Hex('b')];
    const first = openDiskCache(directory(), caches());
    for (const key of [kept, dropped]) first.set(key, parseFile(Buffer.from('a')));
    first.save();
    const second = openDiskCache(directory(), caches());
    second.get(kept);
    second.save();
    expect(openDiskCache(directory(), caches()).get(dropped)).toBeUndefined();
    expect(openDiskCache(directory(), caches()).get(kept)).toBeDefined();
  });

  test.each<[string, (text: string) => string]>([
    ['truncated', text => text.slice(0, text.length / 2)],
    ['empty', () => ''],
    ['changed in one place', text => text.replace('lab-1.1.0', 'lab-1.0.0')],
    ['from another version of the code', text => text.replace(/^(\S+ )\S+/, '$1other')],
    ['not JSON', () => 'seatrial'],
  ])('on disk and the file is %s, then it is as if there were none', async (_name, damage) => {
    writeExamples();
    const first = await validateDirectory(directory(), { cacheFolder: caches() });
    const [name = ''] = readdirSync(caches());
    const text = readFileSync(join(caches(), name), 'utf8');
    const damaged = damage(text);
    expect(damaged).not.toBe(text);
    writeFileSync(join(caches(), name), damaged);
    expect(await validateDirectory(directory(), { cacheFolder: caches() })).toEqual(first);
    expect(readFileSync(join(caches(), name), 'utf8')).toBe(text);
  });

  test('and the folder can not be written, then validation goes on', async () => {
    writeExamples();
    writeFileSync(caches(), 'a file where a folder is wanted');
    const { desired } = await validateDirectory(directory(), { cacheFolder: caches() });
    expect(desired).toBeDefined();
  });

  test('and a file is edited, then the new text counts', async () => {
    writeExamples();
    await validateDirectory(directory(), { cacheFolder: caches() });
    write('lab/fleet.yaml', (EXAMPLES['lab/fleet.yaml'] ?? '').replace('release: lab-1.1.0', 'release: lab-9'));
    expect(codes(await validateDirectory(directory(), { cacheFolder: caches() }))).toEqual([
      'lab/fleet.yaml unknown-release',
    ]);
  });
});
