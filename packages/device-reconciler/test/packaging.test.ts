// What goes onto a board: the Debian package as dpkg reads it, and a recipe that lists the same files.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildDeb } from '../packaging/build-deb.ts';
import { PACKAGED_FILES } from '../packaging/packaged-files.ts';
import { AGENT_VERSION } from '../src/version.ts';

const PACKAGING = join(import.meta.dirname, '../packaging');
const read = (name: string): string => readFileSync(join(PACKAGING, name), 'utf8');
const dpkgDeb = (...words: readonly string[]): string => execFileSync('dpkg-deb', words, { encoding: 'utf8' });

let directory: string;
let deb: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'seatrial-deb-test-'));
  deb = buildDeb(directory);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe('when the Debian package is made', () => {
  test('then dpkg finds every file where it belongs, owned by root', () => {
    const rows = dpkgDeb('--contents', deb)
      .split('\n')
      .map(line => /^(\S{10}) (\S+) .* \.\/(\S*[^/\s])$/.exec(line))
      .filter(row => row !== null);
    const found = new Map(rows.map(([, mode = '', owner = '', path = '']) => [path, `${mode} ${owner}`]));
    for (const { to, mode = 0o644 } of Object.values(PACKAGED_FILES)) {
      expect([to, found.get(to)]).toEqual([to, `${mode === 0o755 ? '-rwxr-xr-x' : '-rw-r--r--'} root/root`]);
    }
  });

  test('then it is of the version that the agent reports', () => {
    expect(dpkgDeb('--field', deb, 'Version').trim()).toBe(AGENT_VERSION);
  });

  test('then the same sources make the same bytes', () => {
    const again = buildDeb(join(directory, 'again'));
    expect(readFileSync(again).equals(readFileSync(deb))).toBe(true);
  });
});

describe('when the Yocto recipe is read', () => {
  const recipe = read(`yocto/seatrial-agent_${AGENT_VERSION}.bb`);
  const files = Object.keys(PACKAGED_FILES).filter(name => !name.startsWith('debian/'));

  test('then it fetches the files of the Debian package, and no others', () => {
    const fetched = [...recipe.matchAll(/file:\/\/([\w.-]+) /g)].map(([, name]) => name);
    expect(new Set(fetched)).toEqual(new Set(files));
  });

  test('then it installs each of them under the same name and mode', () => {
    for (const name of files) {
      const { to, mode = 0o644 } = PACKAGED_FILES[name] ?? { to: '' };
      const [, installedMode, target] =
        new RegExp(String.raw`-m (\d+) \$\{S\}/${name} \$\{D\}(\S+)`).exec(recipe) ?? [];
      expect([name, Number.parseInt(installedMode ?? '', 8), target?.split('/').at(-1)]).toEqual([
        name,
        mode,
        to.split('/').at(-1),
      ]);
    }
  });
});

test('when the units are read, then the gate stands before boot-complete.target and the preset enables both', () => {
  expect(read('seatrial-health.service')).toMatch(/^Before=boot-complete\.target$/m);
  expect(read('seatrial-health.service')).toMatch(/^RequiredBy=boot-complete\.target$/m);
  const enabled = [...read('seatrial-agent.preset').matchAll(/^enable (\S+)$/gm)].map(([, unit]) => unit);
  expect(enabled).toEqual(['seatrial-agent.service', 'seatrial-health.service']);
});
