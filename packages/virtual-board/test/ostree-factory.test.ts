// Real commits by the real ostree, and a real pull of them over HTTP.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BEHAVIOUR_FILE, commitSystem, createOstreeRepository, startArtifactServer } from '../src/index.ts';
import { ostree } from '../src/ostree-command.ts';
import { parseBehaviour } from '../src/system/behaviour.ts';

const directory = mkdtempSync(join(tmpdir(), 'seatrial-factory-'));
const repository = join(directory, 'repo');
const REF = 'board/stable';

beforeAll(() => createOstreeRepository(repository));
afterAll(() => rmSync(directory, { recursive: true }));

const show = (commit: string, path: string): Promise<string> =>
  ostree(`--repo=${repository}`, 'cat', commit, `/${path}`);

test('when the same system is described twice, then both commits are one', async () => {
  const description = { ref: REF, version: '1.0', behaviour: { health: 'fail' } } as const;
  const first = await commitSystem(repository, description);
  await commitSystem(repository, { ref: REF, version: '2.0' });
  expect(await commitSystem(repository, description)).toBe(first);
});

test('when a system behaves in some way, then its tree says so and its version is in the metadata', async () => {
  const commit = await commitSystem(repository, { ref: REF, version: '3.0', behaviour: { boot: 'panic' } });
  expect(parseBehaviour(await show(commit, BEHAVIOUR_FILE))).toMatchObject({ boot: 'panic', health: 'ok' });
  expect(await ostree(`--repo=${repository}`, 'show', '--print-metadata-key=version', commit)).toBe("'3.0'");
});

test('when a board pulls over HTTP, then it gets the commit with its ballast', async () => {
  const commit = await commitSystem(repository, { ref: REF, version: '4.0', ballastBytes: 300_000 });
  const server = await startArtifactServer({ directory });
  try {
    const board = `--repo=${join(directory, 'board-repo')}`;
    await ostree(board, 'init', '--mode=bare-user-only');
    await ostree(board, 'remote', 'add', '--no-gpg-verify', 'factory', `${server.url}/repo`);
    await ostree(board, 'pull', 'factory', commit);
    expect(await ostree(board, 'ls', commit, '/usr/share/ballast')).toContain('300000');
    await ostree(board, 'fsck', '--quiet');
  } finally {
    await server.close();
  }
});
