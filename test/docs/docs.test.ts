// The documents say what the code does: generated pages are up to date, links lead somewhere, every kind has its page.

import { existsSync, globSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { KINDS } from '@seatrial/spec';
import { describe, expect, test } from 'vitest';
import { cliPage, program } from './cli-page.ts';
import { errorsPage, SECTIONS } from './errors-page.ts';
import { anchorsOf, linksOf } from './markdown.ts';

const HOUSE = join(import.meta.dirname, '../..');
const PAGES = globSync(['*.md', 'docs/**/*.md', 'fleets/**/*.md', 'packages/*/*.md', 'bench/**/*.md', 'test/**/*.md'], {
  cwd: HOUSE,
  exclude: path => /(?:^|\/)(?:node_modules|dist)$/.test(path),
}).sort();
const read = (path: string): string => readFileSync(join(HOUSE, path), 'utf8');

describe('when the code changes, then the pages made from it change along (npm run docs:generate)', () => {
  test('errors.md', async () => {
    await expect(errorsPage()).toMatchFileSnapshot('../../docs/errors.md');
  });

  test('cli.md', async () => {
    await expect(cliPage(program())).toMatchFileSnapshot('../../docs/cli.md');
  });
});

describe('when a code is looked up', () => {
  test('then every code of every table has a row with cause and remedy', () => {
    const rows = read('docs/errors.md')
      .split('\n')
      .filter(line => line.startsWith('| `'));
    const codes = SECTIONS.flatMap(({ entries }) => Object.keys(entries));
    expect(rows.map(row => /^\| `([^`]+)`/.exec(row)?.[1])).toEqual(codes);
    const texts = SECTIONS.flatMap(({ entries }) =>
      Object.values(entries).flatMap(({ cause, remedy }) => [cause, remedy]),
    );
    expect(texts.filter(text => !/^\S.*[.!?]$/s.test(text))).toEqual([]);
  });

  test('then a code has one meaning within its section, and the sections of one program share none', () => {
    const codesOf = (title: string) => Object.keys(SECTIONS.find(section => section.title === title)?.entries ?? {});
    const reasons = ['Boards that wait', 'Boards that are blocked', 'Attempts that failed'].flatMap(codesOf);
    expect(new Set(reasons).size).toBe(reasons.length);
  });
});

describe('when a page is read', () => {
  test.each(PAGES)('then the links of %s lead somewhere', path => {
    expect(linksOf(read(path)).filter(link => !leadsSomewhere(path, link))).toEqual([]);
  });

  test('then every kind has a page', () => {
    for (const kind of Object.keys(KINDS)) {
      const name = kind.replace(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase();
      expect(existsSync(join(HOUSE, `docs/spec/${name}.md`))).toBe(true);
    }
  });
});

/** Addresses of other sites are taken on trust: the gate needs no network. */
function leadsSomewhere(from: string, link: string): boolean {
  if (/^[a-z]+:/.test(link)) return true;
  const [target = '', anchor] = link.split('#');
  const path = target === '' ? from : normalize(join(dirname(from), decodeURIComponent(target)));
  if (path.startsWith('..') || !existsSync(join(HOUSE, path))) return false;
  return anchor === undefined || statSync(join(HOUSE, path)).isDirectory() || anchorsOf(read(path)).has(anchor);
}

describe('when Markdown is read', () => {
  test('then headings have the anchors that GitHub gives them', () => {
    const markdown = '# One `two` three\n## A & B\n## A & B\n```\n# no\n```\n';
    expect([...anchorsOf(markdown)]).toEqual(['one-two-three', 'a--b', 'a--b-1']);
  });

  test('then links are found, and code is passed over', () => {
    expect(linksOf('[a](b.md#c) ![d](e.png "f") `[g](h)`\n```\n[i](j)\n```\n')).toEqual(['b.md#c', 'e.png']);
  });

  test('then a link into nothing is found', () => {
    expect(leadsSomewhere('docs/errors.md', 'cli.md')).toBe(true);
    expect(leadsSomewhere('docs/errors.md', '#capsules')).toBe(true);
    expect(leadsSomewhere('docs/errors.md', '#nothing')).toBe(false);
    expect(leadsSomewhere('docs/errors.md', 'nothing.md')).toBe(false);
    expect(leadsSomewhere('docs/errors.md', '../../elsewhere.md')).toBe(false);
  });
});
