// docs/adr: the index names every record, each record has its parts, and the one on dependencies knows the catalog.

import { globSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { HOUSE } from '../architecture/source-file.ts';
import { partOf, readHouse, rowsOf } from './page-parts.ts';

const RECORDS = globSync('[0-9]*.md', { cwd: join(HOUSE, 'docs/adr') }).sort();
const PARTS = ['Context', 'Decision', 'Rejected', 'Consequences'];

const titleOf = (text: string): string | undefined => /^# \d{4}\. (.+)$/m.exec(text)?.[1];
const partsOf = (text: string): readonly string[] => [...text.matchAll(/^## (.+)$/gm)].map(([, part = '']) => part);

describe('when decisions are looked up', () => {
  test('then the index names every record by number and title', () => {
    const rows = RECORDS.map(file => {
      const [number = ''] = file.split('-');
      return [number, `[${titleOf(readHouse(`docs/adr/${file}`))}](${file})`];
    });
    expect(rowsOf(partOf(readHouse('docs/adr/README.md'), 'decisions'))).toEqual(rows);
  });

  test('then the numbers leave no gap', () => {
    const expected = RECORDS.map((_file, index) => String(index + 1).padStart(4, '0'));
    expect(RECORDS.map(file => file.slice(0, 4))).toEqual(expected);
  });

  test.each(RECORDS)('then %s has its parts', file => {
    const text = readHouse(`docs/adr/${file}`);
    expect(titleOf(text)).toBeDefined();
    expect(partsOf(text)).toEqual(PARTS);
  });
});

describe('when a dependency is questioned', () => {
  const rows = rowsOf(partOf(readHouse('docs/adr/0002-dependencies.md'), 'dependencies'));

  test('then the record knows the catalog and the Node that is installed, and nothing else', () => {
    const { catalog }: { catalog: Record<string, string> } = parse(readHouse('pnpm-workspace.yaml'));
    const { optionalDependencies }: { optionalDependencies: Record<string, string> } = JSON.parse(
      readHouse('package.json'),
    );
    const names = [...Object.keys(catalog), ...Object.keys(optionalDependencies)].sort();
    expect(rows.map(([name]) => name)).toEqual(names);
  });

  test('then it says why each is there', () => {
    expect(rows.filter(([, why = '']) => !/^\S.*\.$/.test(why))).toEqual([]);
  });

  test('then every version is exact', () => {
    const { catalog }: { catalog: Record<string, string> } = parse(readHouse('pnpm-workspace.yaml'));
    expect(Object.values(catalog).filter(version => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
  });
});
