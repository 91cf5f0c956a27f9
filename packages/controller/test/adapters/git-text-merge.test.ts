// Three-way merges of one text by the real git.

import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { openMirror } from '../../src/adapters/git-command.ts';
import { gitTextMerge } from '../../src/adapters/git-text-merge.ts';

const directory = mkdtempSync(join(tmpdir(), 'seatrial-merging-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const merge = async (texts: { readonly ours: string; readonly base: string; readonly theirs: string }) =>
  gitTextMerge(await openMirror({ repository: directory, mirror: join(directory, 'mirror.git'), timeoutMs: 10_000 }))(
    texts,
  );

const lines = (...text: readonly string[]) => `${text.join('\n')}\n`;

describe('when three texts are merged', () => {
  test('then changes of different lines come together', async () => {
    const base = lines('a', 'b', 'c', 'd', 'e');
    const merged = await merge({ ours: lines('A', 'b', 'c', 'd', 'e'), base, theirs: lines('a', 'b', 'c', 'd', 'E') });
    expect(merged).toBe(lines('A', 'b', 'c', 'd', 'E'));
  });

  test('and both have changed one line, then nothing is made up', async () => {
    const theirs = lines('a', 'y', 'c');
    expect(await merge({ ours: lines('a', 'x', 'c'), base: lines('a', 'b', 'c'), theirs })).toBeUndefined();
  });

  test('then nothing is left behind', () => {
    expect(readdirSync(tmpdir()).filter(name => name.startsWith('seatrial-merge-'))).toEqual([]);
  });
});
