// Pull requests in a real repository: heads as they move, merges in memory, conflicts by name, and nothing that is run.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openMirror } from '../../src/adapters/git-command.ts';
import { gitMergePreview } from '../../src/adapters/git-merge-preview.ts';
import type { MergePreview } from '../../src/ports/merge-preview.ts';
import { GitFleet } from '../support/git-fleet.ts';

let folder = '';
let fleet: GitFleet;
let preview: MergePreview;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'seatrial-merge-'));
  fleet = new GitFleet(join(folder, 'fleet'));
  fleet.commit(
    new Map([
      ['a.yaml', 'a: 1\nb: 1\nc: 1\nd: 1\n'],
      ['kept.yaml', 'k: 1\n'],
    ]),
  );
  const git = await openMirror({ repository: fleet.directory, mirror: join(folder, 'mirror'), timeoutMs: 20_000 });
  preview = gitMergePreview(git, { branch: 'main', directory: '' });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A pull request with these files upon the first commit. */
function propose(number: number, files: ReadonlyMap<string, string>): string {
  fleet.git('checkout', '-q', '--force', '--detach', 'main');
  const head = fleet.commit(files, `Change ${number}`);
  fleet.git('update-ref', `refs/pull/${number}/head`, head);
  fleet.git('checkout', '-q', '--force', 'main');
  return head;
}

const textAt = async (tree: string, path: string) => Buffer.from((await preview.file(tree, path)) ?? []).toString();

test('when heads are looked for, then those that are there are named, and the branch is taken over', async () => {
  const head = propose(7, new Map([['a.yaml', 'a: 2\n']]));
  const { base, heads } = await preview.look([7, 8]);
  expect(base).toBe(fleet.git('rev-parse', 'main'));
  expect([...heads]).toEqual([[7, head]]);
  expect(await textAt(base, 'kept.yaml')).toBe('k: 1\n');
});

test('when base and head have both moved, then the merge holds both, and no ref of the repository has changed', async () => {
  propose(
    7,
    new Map([
      ['a.yaml', 'a: 2\nb: 1\nc: 1\nd: 1\n'],
      ['kept.yaml', 'k: 1\n'],
    ]),
  );
  fleet.commit(
    new Map([
      ['a.yaml', 'a: 1\nb: 1\nc: 1\nd: 2\n'],
      ['kept.yaml', 'k: 1\n'],
    ]),
  );
  const before = fleet.git('for-each-ref');
  const { base } = await preview.look([7]);
  const merge = await preview.merge(base, await preview.take(7));
  expect(merge.kind).toBe('clean');
  expect(await textAt(merge.kind === 'clean' ? merge.tree : '', 'a.yaml')).toBe('a: 2\nb: 1\nc: 1\nd: 2\n');
  expect(fleet.git('for-each-ref')).toBe(before);
});

test('when they conflict, then each file is named once, however it is called', async () => {
  const odd = 'odd "name"\n\u00fc.yaml';
  propose(
    7,
    new Map([
      ['a.yaml', 'a: 2\n'],
      [odd, 'x: 1\n'],
    ]),
  );
  fleet.commit(
    new Map([
      ['a.yaml', 'a: 3\n'],
      [odd, 'x: 2\n'],
      ['kept.yaml', 'k: 1\n'],
    ]),
  );
  const { base } = await preview.look([7]);
  expect(await preview.merge(base, await preview.take(7))).toEqual({ kind: 'conflict', paths: ['a.yaml', odd].sort() });
});

test('when a head is moved by force, then what was fetched is the new one', async () => {
  propose(7, new Map([['a.yaml', 'a: 2\n']]));
  await preview.take(7);
  const head = propose(7, new Map([['a.yaml', 'a: 3\n']]));
  expect(await preview.take(7)).toBe(head);
});

test('when histories have nothing in common, then that is a failure of git and no merge', async () => {
  fleet.git('checkout', '-q', '--orphan', 'stranger');
  const head = fleet.commit(new Map([['a.yaml', 'a: 9\n']]));
  fleet.git('update-ref', 'refs/pull/7/head', head);
  fleet.git('checkout', '-q', '--force', 'main');
  const { base } = await preview.look([7]);
  await expect(preview.merge(base, await preview.take(7))).rejects.toMatchObject({ code: 'git-failed' });
});

test('when attributes ask for programs, then none is run', async () => {
  const trace = join(folder, 'run');
  writeFileSync(join(folder, 'evil'), `#!/bin/sh\ntouch ${trace}\n`, { mode: 0o755 });
  const attributes = '* merge=evil filter=evil diff=evil\n';
  propose(
    7,
    new Map([
      ['.gitattributes', attributes],
      ['a.yaml', 'a: 2\nb: 1\nc: 1\nd: 1\n'],
    ]),
  );
  fleet.git('config', 'merge.evil.driver', join(folder, 'evil'));
  fleet.git('config', 'filter.evil.smudge', join(folder, 'evil'));
  fleet.commit(
    new Map([
      ['.gitattributes', attributes],
      ['a.yaml', 'a: 1\nb: 1\nc: 1\nd: 2\n'],
    ]),
  );
  rmSync(trace, { force: true });
  const { base } = await preview.look([7]);
  expect((await preview.merge(base, await preview.take(7))).kind).toBe('clean');
  expect(existsSync(trace)).toBe(false);
});

test('when pull requests are closed, then what was taken of them is let go', async () => {
  propose(7, new Map([['a.yaml', 'a: 2\n']]));
  propose(8, new Map([['a.yaml', 'a: 3\n']]));
  await preview.look([7, 8]);
  await preview.take(7);
  await preview.take(8);
  const taken = () =>
    execFileSync('git', ['for-each-ref', '--format=%(refname)', 'refs/seatrial/pull/'], {
      cwd: join(folder, 'mirror'),
    }).toString();
  await preview.keepOnly([8]);
  await preview.keepOnly([8]);
  expect(taken()).toBe('refs/seatrial/pull/8/head\nrefs/seatrial/pull/base\n');
  await expect(preview.take(9)).rejects.toMatchObject({ code: 'git-unreachable' });
});

test('when the branch is gone, then that has a name', async () => {
  fleet.git('checkout', '-q', '--detach');
  fleet.git('branch', '-D', 'main');
  await expect(preview.look([7])).rejects.toMatchObject({ code: 'git-branch-missing' });
});
