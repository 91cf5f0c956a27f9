// Artifact sources: repositories that the real ostree has made, indexes, and whatever else may answer in their place.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseName, parseOstreeCommit, sha256Hex } from '@seatrial/spec';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { artifactSources } from '../../src/adapters/artifact-sources.ts';
import { readCapsuleIndex } from '../../src/domain/artifacts/capsule-index.ts';
import { commitObjectPath, readCommitObject } from '../../src/domain/artifacts/ostree-commit.ts';
import { need } from '../support/told-board.ts';

const directory = mkdtempSync(join(tmpdir(), 'seatrial-artifacts-'));
const repo = join(directory, 'repo');
const BOARD = need(parseName('evk'));
const ostree = (...args: string[]): string =>
  execFileSync('ostree', [`--repo=${repo}`, ...args], { encoding: 'utf8' }).trim();

function commit(branch: string, ...options: string[]): string {
  const tree = join(directory, 'tree');
  execFileSync('mkdir', ['-p', tree]);
  writeFileSync(join(tree, 'hello'), branch);
  return ostree('commit', `--branch=${branch}`, `--tree=dir=${tree}`, ...options);
}

let server: Server;
let base: string;
/** What the server answers instead of files. */
const answers = new Map<string, { readonly status: number; readonly body: string | Uint8Array }>();

beforeAll(async () => {
  ostree('init', '--mode=archive');
  server = createServer((request, response) => {
    const path = request.url ?? '';
    const answer = answers.get(path) ?? fileAnswer(join(directory, path));
    response.writeHead(answer.status).end(answer.body);
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  base = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
});

afterAll(async () => {
  await new Promise(resolve => server.close(resolve));
  rmSync(directory, { recursive: true, force: true });
});

function fileAnswer(path: string) {
  try {
    return { status: 200, body: readFileSync(path) };
  } catch {
    return { status: 404, body: 'no' };
  }
}

const os = (location: string) =>
  artifactSources({ sources: [{ kind: 'ostree', remote: 'poky', location }], timeoutMs: 5_000 });
const firmware = (location: string) =>
  artifactSources({ sources: [{ kind: 'capsules', board: BOARD, location }], timeoutMs: 5_000 });

describe('when a ref is looked up in a repository', () => {
  test.each([
    [
      'with version and message',
      ['--add-metadata-string=version=2026.12.0', '--subject=Camera stack', '--body=Faster.\nSmaller.'],
      { version: '2026.12.0', notes: 'Camera stack\n\nFaster.\nSmaller.' },
    ],
    ['with nothing but itself', [], {}],
    [
      'with other metadata around',
      [
        '--add-metadata-string=a.long.key.of.somebody=x',
        '--add-metadata=n=uint32 7',
        '--add-metadata-string=version=7',
        '--add-metadata=z=[true]',
      ],
      { version: '7' },
    ],
    [
      'with much metadata',
      [
        ...Array.from({ length: 40 }, (_, index) => `--add-metadata-string=key${index}=${'v'.repeat(index * 9)}`),
        '--add-metadata-string=version=long',
      ],
      { version: 'long' },
    ],
    [
      'with a parent and a body of many bytes',
      ['--add-metadata-string=version=3', '--subject=s', `--body=${'b'.repeat(70_000)}`],
      { version: '3' },
    ],
  ] as const)('%s, then it says what the build has said, over HTTP and from disk', async (what, options, told) => {
    const branch = `poky/${what.replaceAll(' ', '-')}`;
    commit(branch);
    const newest = commit(branch, ...options);
    const expected = { commit: newest, ...told };
    expect(await os(`${base}/repo/`).newestOs({ remote: 'poky', ref: branch })).toMatchObject(expected);
    expect(await os(repo).newestOs({ remote: 'poky', ref: branch })).toMatchObject(expected);
  });

  test('and no source has the remote, then nothing is found', async () => {
    expect(await os(repo).newestOs({ remote: 'other', ref: 'poky/evk' })).toBeUndefined();
    expect(await os(repo).firmwareFor(BOARD)).toEqual([]);
  });

  test.each([
    ['is not there', 404, '', 'artifact-unreachable'],
    ['answers with an error', 503, 'later', 'artifact-unreachable'],
    ['is a page of HTML', 200, '<html>', 'artifact-malformed'],
    ['is endless', 200, 'a'.repeat(100_000), 'artifact-malformed'],
    ['names a commit that is not there', 200, 'a'.repeat(64), 'artifact-unreachable'],
  ] as const)('and the ref %s, then that is named', async (_what, status, body, code) => {
    answers.set('/repo/refs/heads/poky/broken', { status, body });
    await expect(os(`${base}/repo`).newestOs({ remote: 'poky', ref: 'poky/broken' })).rejects.toMatchObject({ code });
  });

  test('and the object is another one than its checksum names, then nothing of it is believed', async () => {
    const real = commit('poky/real', '--add-metadata-string=version=1');
    const id = need(parseOstreeCommit(real));
    const bytes = readFileSync(join(repo, commitObjectPath(id)));
    bytes[40] = (bytes[40] ?? 0) ^ 1;
    answers.set(`/repo/${commitObjectPath(id)}`, { status: 200, body: bytes });
    await expect(os(`${base}/repo`).newestOs({ remote: 'poky', ref: 'poky/real' })).rejects.toMatchObject({
      code: 'artifact-malformed',
    });
  });
});

describe('when bytes are read as a commit object', () => {
  test('then no bytes whatever make it throw', () => {
    const real = readFileSync(
      join(repo, commitObjectPath(need(parseOstreeCommit(commit('poky/fuzzed', '--subject=s'))))),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.nat(real.length - 1), fc.nat(255), (noise, at, byte) => {
        const changed = Uint8Array.from(real, (value, index) => (index === at ? byte : value));
        for (const bytes of [noise, changed, real.subarray(0, at)]) {
          const id = need(parseOstreeCommit(sha256Hex(bytes)));
          expect(typeof readCommitObject(id, bytes).ok).toBe('boolean');
        }
      }),
    );
  });
});

const entry = (changes: object = {}) => ({
  name: 'firmware.cap',
  version: '0.0.1.3',
  size: 4096,
  sha256: 'd'.repeat(64),
  url: '0.0.1.3/firmware.cap',
  lowestSupported: '0.0.1.0',
  notes: 'TrustZone fix',
  ...changes,
});
const index = (...capsules: readonly object[]) => JSON.stringify({ schema: 1, capsules });

describe('when an index of capsules is read', () => {
  test('then it has every version, newest first, with addresses that a board can use', async () => {
    answers.set('/evk/index.json', {
      status: 200,
      body: index(
        entry(),
        entry({ version: '0.0.2.0', url: 'https://mirror.example.com/a.cap' }),
        entry({ name: 'second.cap' }),
      ),
    });
    const found = await firmware(`${base}/evk/index.json`).firmwareFor(BOARD);
    expect(found.map(({ capsules }) => capsules.map(({ url }) => url))).toEqual([
      ['https://mirror.example.com/a.cap'],
      [`${base}/evk/0.0.1.3/firmware.cap`, `${base}/evk/0.0.1.3/firmware.cap`],
    ]);
  });

  test.each([
    ['is no JSON', '{'],
    ['is of another schema', JSON.stringify({ schema: 2, capsules: [] })],
    ['has a member that nobody knows', index(entry({ run: 'rm -rf /' }))],
    ['has a version of another form', index(entry({ version: '1.3' }))],
    ['has a digest that is none', index(entry({ sha256: 'D'.repeat(64) }))],
    ['leads to another place than the web', index(entry({ url: 'file:///etc/passwd' }))],
    ['has a name with a path in it', index(entry({ name: '../x.cap' }))],
    ['has the same capsule twice', index(entry(), entry())],
    ['disagrees with itself about the floor', index(entry(), entry({ name: 'b.cap', lowestSupported: '0.0.1.1' }))],
    ['holds a capsule without bytes', index(entry({ size: 0 }))],
  ])('and it %s, then nothing of it is used', async (_what, body) => {
    answers.set('/bad.json', { status: 200, body });
    await expect(firmware(`${base}/bad.json`).firmwareFor(BOARD)).rejects.toMatchObject({ code: 'artifact-malformed' });
  });

  test('and it is larger than it may be, then it is not read to its end', async () => {
    answers.set('/large.json', { status: 200, body: ' '.repeat(5 * 1024 * 1024) });
    await expect(firmware(`${base}/large.json`).firmwareFor(BOARD)).rejects.toMatchObject({
      code: 'artifact-malformed',
    });
  });

  test('then no bytes whatever make it throw', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          fc.json().map(text => Buffer.from(text)),
        ),
        bytes => {
          expect(typeof readCapsuleIndex(bytes, 'https://a.example/').ok).toBe('boolean');
        },
      ),
    );
  });
});
