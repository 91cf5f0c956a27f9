// docs/promises.md names tests that exist, at least one for each promise.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { HOUSE } from '../architecture/source-file.ts';
import { readHouse } from './page-parts.ts';

const PROMISES = readHouse('docs/promises.md')
  .split(/^## /m)
  .slice(1)
  .map(text => ({
    title: text.split('\n')[0] ?? '',
    tests: [...text.matchAll(/^- `([^`]+\.test\.ts)`: \S/gm)].map(([, path = '']) => path),
  }));

describe('when promises are made', () => {
  test('then there are ten, in order', () => {
    expect(PROMISES.map(({ title }) => Number.parseInt(title, 10))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  test.each(PROMISES)('then tests can disprove $title', ({ tests }) => {
    expect(tests).not.toEqual([]);
    expect(tests.filter(path => !existsSync(join(HOUSE, path)))).toEqual([]);
  });
});
