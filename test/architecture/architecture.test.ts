// The rules of the house held against every source file, and the rules themselves held against files that break them.

import { describe, expect, test } from 'vitest';
import { arrowViolations } from './arrows.ts';
import { formViolations } from './form.ts';
import { purityViolations, staleAdapters } from './purity.ts';
import { codeOf, importsOf, readSources, type SourceFile } from './source-file.ts';

const SOURCES = readSources();
const file = (path: string, ...lines: string[]): SourceFile => ({
  path,
  text: `// For a test.\n${lines.join('\n')}\n`,
});

describe('when the house is read', () => {
  test('then every package is among the sources', () => {
    const packages = new Set(SOURCES.map(({ path }) => path.split('/').slice(0, 2).join('/')));
    for (const name of [
      'spec',
      'capsule-plan',
      'controller',
      'device-reconciler',
      'virtual-board',
      'simulator',
      'cli',
    ]) {
      expect(packages).toContain(`packages/${name}`);
    }
  });

  test('then no import goes against an arrow', () => {
    expect(SOURCES.flatMap(arrowViolations)).toEqual([]);
  });

  test('then no deciding file touches the outside', () => {
    expect(SOURCES.flatMap(purityViolations)).toEqual([]);
    expect(staleAdapters(SOURCES)).toEqual([]);
  });

  test('then every file has a name, a size and a first sentence', () => {
    expect(SOURCES.flatMap(formViolations)).toEqual([]);
  });
});

describe('when a file imports', () => {
  test('then statements over several lines, types, re-exports and expressions are all seen', () => {
    const text = `
import {
  a,
  type B,
} from './a.ts';
import type { C } from "./c.ts";
import './d.ts';
export * from './e.ts';
export { f } from './f.ts';
const g = await import('./g.ts');
type H = import('./h.ts').H;
`;
    expect([...importsOf({ path: 'x.ts', text })].sort()).toEqual(
      ['a', 'c', 'd', 'e', 'f', 'g', 'h'].map(name => `./${name}.ts`),
    );
  });

  test('then a word in a comment or in a text is no code', () => {
    expect(codeOf("const a = 'await'; // await\n/* await */")).not.toContain('await');
    expect(codeOf('await b;')).toContain('await');
  });
});

describe('when an arrow is broken', () => {
  test.each([
    ['spec knows capsule-plan', 'packages/spec/src/a.ts', "import type { Plan } from '@seatrial/capsule-plan';"],
    [
      'the agent knows the controller',
      'packages/device-reconciler/src/main.ts',
      "import { a } from '@seatrial/controller';",
    ],
    [
      'the controller knows the agent',
      'packages/controller/src/app/a.ts',
      "const a = import('@seatrial/device-reconciler');",
    ],
    ['a deep import', 'packages/cli/src/a.ts', "import { a } from '@seatrial/spec/src/ids.ts';"],
    ['a path into another package', 'packages/cli/src/a.ts', "export { a } from '../../spec/src/ids.ts';"],
    [
      'the domain knows a port',
      'packages/controller/src/domain/a.ts',
      "import type { Store } from '../ports/store.ts';",
    ],
    ['a loop knows an adapter', 'packages/controller/src/app/a.ts', "import { open } from '../adapters/sqlite.ts';"],
    ['a layer knows who assembles it', 'packages/controller/src/app/a.ts', "import { main } from '../main.ts';"],
  ])('then %s is found', (_name, path, line) => {
    expect(arrowViolations(file(path, line))).toHaveLength(1);
  });

  test.each([
    ['by the name of a package below', 'packages/controller/src/app/a.ts', "import { ok } from '@seatrial/spec';"],
    [
      'of a public entry beside the main one',
      'packages/cli/src/a.ts',
      "import { sum8 } from '@seatrial/capsule-plan/capsule';",
    ],
    ['of the words of errors', 'packages/controller/src/domain/a.ts', "import { PortError } from '../errors.ts';"],
    ['of everyone by main', 'packages/controller/src/main.ts', "import { open } from './adapters/sqlite.ts';"],
    ['of anyone by a test', 'packages/spec/test/a.test.ts', "import { plan } from '@seatrial/capsule-plan';"],
  ])('then an import %s is not', (_name, path, line) => {
    expect(arrowViolations(file(path, line))).toEqual([]);
  });
});

describe('when a deciding file touches the outside', () => {
  test.each([
    ['a file', "import { readFileSync } from 'node:fs';"],
    ['a process', "import { spawn } from 'child_process';"],
    ['the clock', 'const now = Date.now();'],
    ['the clock by another name', 'const now = new Date();'],
    ['chance', 'const a = Math.random();'],
    ['waiting', 'const a = await b;'],
    ['the environment', "const a = process.env['A'];"],
  ])('then %s is found', (_name, line) => {
    for (const path of [
      'packages/spec/src/a.ts',
      'packages/capsule-plan/src/plan/a.ts',
      'packages/cli/src/domain/a.ts',
    ]) {
      expect(purityViolations(file(path, line))).toHaveLength(1);
    }
    expect(purityViolations(file('packages/controller/src/adapters/a.ts', line))).toEqual([]);
  });
});

describe('when a file breaks a habit', () => {
  test.each([
    ['its name', 'packages/spec/src/readFile.ts'],
    ['its folder', 'packages/spec/src/Kinds/board.ts'],
    ['a name that says nothing', 'packages/spec/src/utils/text.ts'],
    ['a file name that says nothing', 'packages/spec/src/helpers.ts'],
  ])('then %s is found', (_name, path) => {
    expect(formViolations(file(path))).toHaveLength(1);
  });

  test('then its length, its missing first sentence and its any are found', () => {
    expect(formViolations(file('a.ts', ...Array.from({ length: 401 }, () => 'a;')))).toHaveLength(1);
    expect(formViolations({ path: 'a.ts', text: 'const a = 1;\n' })).toHaveLength(1);
    for (const line of [
      'const a: any = 1;',
      'const a = b as any;',
      'type A = Map<string, any>;',
      'type B = readonly any[];',
    ]) {
      expect(formViolations(file('a.ts', line))).toHaveLength(1);
    }
    expect(formViolations(file('a.ts', "const any = 'a: any'; // any: any"))).toEqual([]);
  });
});
