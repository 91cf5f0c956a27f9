import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { VERSION } from '../src/version.ts';
import { emptyDirectory } from './support/workspace.ts';

const SOURCES = join(import.meta.dirname, '../src');
const VALUE_IMPORT = /^(?:import|export)\s+(?!type\b)(?:[^'";]*?\bfrom\s+)?'([^']+)'/gm;

/** Everything that is loaded before the command line is looked at: packages by name, our own files by path. */
function loadedAtStart(path: string, seen = new Set<string>()): ReadonlySet<string> {
  if (seen.has(path)) return seen;
  seen.add(path);
  for (const [, specifier = ''] of readFileSync(path, 'utf8').matchAll(VALUE_IMPORT)) {
    if (specifier.startsWith('.')) loadedAtStart(join(dirname(path), specifier), seen);
    else seen.add(specifier);
  }
  return seen;
}

describe('when the command starts', () => {
  test('then only what parses the command line is loaded', () => {
    const packages = [...loadedAtStart(join(SOURCES, 'main.ts'))].filter(name => !name.startsWith('/'));
    expect(packages.filter(name => !name.startsWith('node:'))).toEqual(['commander']);
  });
});

describe('when the command is started by its own file', () => {
  const start = (bin: string) => spawnSync(process.execPath, [bin, '--version'], { encoding: 'utf8' });

  /** A package with the real starter, a bundle that tells of itself, and sources beside it. */
  function packageWith({ bundleAge }: { readonly bundleAge: 'newer' | 'older' }): string {
    const root = emptyDirectory();
    for (const folder of ['bin', 'src', 'dist/bundle']) mkdirSync(join(root, folder), { recursive: true });
    cpSync(join(SOURCES, '../bin/seatrial.js'), join(root, 'bin/seatrial.js'));
    writeFileSync(join(root, 'package.json'), '{"type":"module"}');
    const tells = (text: string): string => `export async function main() { console.log('${text}'); }\n`;
    writeFileSync(join(root, 'dist/bundle/seatrial.js'), tells('bundle'));
    writeFileSync(join(root, 'dist/bundle/inputs.txt'), 'src/main.ts');
    writeFileSync(join(root, 'src/main.ts'), tells('sources'));
    const at = bundleAge === 'newer' ? 2_000_000_000 : 1_000_000_000;
    utimesSync(join(root, 'dist/bundle/seatrial.js'), at, at);
    return root;
  }

  test('then the bundle runs, unless the sources are newer', () => {
    expect(start(join(packageWith({ bundleAge: 'newer' }), 'bin/seatrial.js')).stdout).toBe('bundle\n');
    expect(start(join(packageWith({ bundleAge: 'older' }), 'bin/seatrial.js')).stdout).toBe('sources\n');
  });

  test('then in this checkout it says its version', () => {
    expect(start(join(SOURCES, '../bin/seatrial.js'))).toMatchObject({ status: 0, stdout: `${VERSION}\n`, stderr: '' });
  });

  test('then standard output that is closed early is no failure', () => {
    const bin = join(SOURCES, '../bin/seatrial.js');
    const { status, stderr } = spawnSync(
      'bash',
      ['-c', `"$0" "$1" --help | head -n 1 >/dev/null; exit "\${PIPESTATUS[0]}"`, process.execPath, bin],
      { encoding: 'utf8' },
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});
