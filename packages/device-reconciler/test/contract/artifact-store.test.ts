// One suite for the store of downloads, held against the fake and against files; and the real one against bad servers.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Progress } from '@seatrial/capsule-plan';
import { type BytesPerSecond, bytes, sha256Hex } from '@seatrial/spec';
import { describe, expect, test } from 'vitest';
import { artifactDirectory } from '../../src/adapters/artifact-directory.ts';
import type { ArtifactStore } from '../../src/ports/artifact-store.ts';
import { CAN_MOUNT, mountTmpfs, temporaryDirectory } from '../world/directories.ts';
import { FakeArtifacts, FakeTimer } from '../world/fake-surroundings.ts';
import { type Answer, honest, httpOrigin, type Origin } from '../world/http-origin.ts';
import { Power } from '../world/power.ts';
import { CAPSULE } from '../world/values.ts';

const SHA256 = sha256Hex(CAPSULE);
const HALF = CAPSULE.byteLength / 2;
/** Long enough for a machine that is busy with other things. */
const STALL_MS = 20_000;
const silent = { onProgress: () => undefined, signal: new AbortController().signal };

const artifact = (url: string) => ({ url, sizeBytes: bytes(CAPSULE.byteLength), sha256: SHA256 });

function storeIn(directory: string, { timer = new FakeTimer(), stallMs = STALL_MS } = {}): ArtifactStore {
  return artifactDirectory({ directory, stallMs, timer });
}

async function real(answer: Answer, stallMs = STALL_MS) {
  const origin = await httpOrigin(answer);
  const directory = temporaryDirectory();
  return { origin, directory, store: storeIn(directory, { stallMs }), url: `${origin.url}/firmware.cap` };
}

describe.each<[string, (content: Buffer) => Promise<{ store: ArtifactStore; url: string }>]>([
  [
    'in memory',
    async content => {
      const store = new FakeArtifacts(new Power());
      store.served.set('http://x/firmware.cap', content);
      return { store, url: 'http://x/firmware.cap' };
    },
  ],
  ['a directory', content => real(honest(content))],
])('when the store is %s', (_name, make) => {
  test('then an artefact that arrives whole is listed, again and again', async () => {
    const { store, url } = await make(CAPSULE);
    await store.fetch(artifact(url), silent);
    await store.fetch(artifact(url), silent);
    expect(await store.list()).toEqual([SHA256]);
  });

  test('then one that is discarded is gone, and may be discarded again', async () => {
    const { store, url } = await make(CAPSULE);
    await store.fetch(artifact(url), silent);
    await store.discard(SHA256);
    await store.discard(SHA256);
    expect(await store.list()).toEqual([]);
  });

  test('then what is not wanted any more makes room', async () => {
    const { store, url } = await make(CAPSULE);
    await store.fetch(artifact(url), silent);
    await store.keepOnly([SHA256]);
    expect(await store.list()).toEqual([SHA256]);
    await store.keepOnly([]);
    await store.keepOnly([]);
    expect(await store.list()).toEqual([]);
  });

  test.each([
    ['wrong bytes', Buffer.from(CAPSULE).fill(0, 10, 20), 'artifact-digest'],
    ['a longer file', Buffer.concat([CAPSULE, CAPSULE]), 'artifact-size'],
    ['a shorter file', CAPSULE.subarray(0, 100), 'artifact-size'],
  ])('then %s are refused by name, and nothing is listed', async (_what, content, code) => {
    const { store, url } = await make(content);
    await expect(store.fetch(artifact(url), silent)).rejects.toMatchObject({ code });
    expect(await store.list()).toEqual([]);
  });
});

describe('when a download breaks off', () => {
  const breaksOff: Answer = (_request, response) => {
    response.writeHead(200, { etag: '"v1"', 'content-length': CAPSULE.byteLength });
    response.write(CAPSULE.subarray(0, HALF), () => setTimeout(() => response.destroy(), 20));
  };

  test('then it goes on where it stopped', async () => {
    const { origin, store, url, directory } = await real(breaksOff);
    await expect(store.fetch(artifact(url), silent)).rejects.toMatchObject({ code: 'artifact-interrupted' });
    origin.answer = honest(CAPSULE);
    await store.fetch(artifact(url), silent);
    expect(origin.asked).toEqual(['/firmware.cap', `/firmware.cap bytes=${HALF}-`]);
    expect(readdirSync(directory)).toEqual([SHA256]);
    expect(readFileSync(store.pathOf(SHA256))).toEqual(CAPSULE);
  });

  test('then a file that has changed meanwhile is begun anew', async () => {
    const { origin, store, url } = await real((_request, response) => {
      response.writeHead(200, { etag: '"old"', 'content-length': CAPSULE.byteLength });
      response.write(Buffer.alloc(HALF), () => setTimeout(() => response.destroy(), 20));
    });
    await expect(store.fetch(artifact(url), silent)).rejects.toMatchObject({ code: 'artifact-interrupted' });
    origin.answer = honest(CAPSULE, '"new"');
    await store.fetch(artifact(url), silent);
    expect(await store.list()).toEqual([SHA256]);
  });

  test('then a server without ranges sends all of it again', async () => {
    const { origin, store, url } = await real(breaksOff);
    await expect(store.fetch(artifact(url), silent)).rejects.toMatchObject({ code: 'artifact-interrupted' });
    origin.answer = (_request, response) => void response.writeHead(200).end(CAPSULE);
    await store.fetch(artifact(url), silent);
    expect(await store.list()).toEqual([SHA256]);
  });

  test('then a wrong beginning without a tag is noticed by the digest, and does not stay', async () => {
    const { store, url, directory } = await real(honest(CAPSULE));
    writeFileSync(join(directory, `${SHA256}.part`), Buffer.alloc(HALF));
    await expect(store.fetch(artifact(url), silent)).rejects.toMatchObject({ code: 'artifact-digest' });
    await store.fetch(artifact(url), silent);
    expect(await store.list()).toEqual([SHA256]);
  });

  test.each([
    ['all of it', CAPSULE],
    ['more than all of it', Buffer.concat([CAPSULE, CAPSULE])],
  ])('then %s already there is judged, not asked for in vain', async (_what, part) => {
    const { store, url, directory } = await real(honest(CAPSULE));
    writeFileSync(join(directory, `${SHA256}.part`), part);
    await store.fetch(artifact(url), silent);
    expect(await store.list()).toEqual([SHA256]);
  });

  test('then another range than asked for is not taken', async () => {
    const { store, url, directory } = await real((_request, response) => {
      const range = `bytes 0-${CAPSULE.byteLength - 1}/${CAPSULE.byteLength}`;
      response.writeHead(206, { 'content-range': range }).end(CAPSULE);
    });
    writeFileSync(join(directory, `${SHA256}.part`), CAPSULE.subarray(0, HALF));
    await expect(store.fetch(artifact(url), silent)).rejects.toMatchObject({ code: 'artifact-interrupted' });
  });
});

describe('when room is made', () => {
  test('then parts of other downloads go, and files that are not ours stay', async () => {
    const { store, directory } = await real(honest(CAPSULE));
    for (const name of [
      SHA256,
      `${SHA256}.part`,
      `${'f'.repeat(64)}.part`,
      `${'f'.repeat(64)}.part.etag`,
      'notes.txt',
    ]) {
      writeFileSync(join(directory, name), '');
    }
    await store.keepOnly([SHA256]);
    expect(readdirSync(directory).toSorted()).toEqual([SHA256, `${SHA256}.part`, 'notes.txt'].toSorted());
  });
});

describe('when a server is hostile', () => {
  test('then it can not fill the disk: what is longer than declared is cut off unheard', async () => {
    const { store, url, directory } = await real((_request, response) => {
      response.writeHead(200);
      const more = () => {
        if (!response.destroyed) response.write(Buffer.alloc(64 * 1024), () => setImmediate(more));
      };
      more();
    });
    await expect(store.fetch(artifact(url), silent)).rejects.toMatchObject({ code: 'artifact-size' });
    const kept = readdirSync(directory).reduce((sum, name) => sum + readFileSync(join(directory, name)).byteLength, 0);
    expect(kept).toBeLessThanOrEqual(CAPSULE.byteLength);
  });

  test.each<[string, Answer]>([
    ['before it answers', () => undefined],
    [
      'in the midst of the file',
      (_request, response) => {
        response.writeHead(200, { 'content-length': CAPSULE.byteLength });
        response.write(CAPSULE.subarray(0, HALF));
      },
    ],
  ])('then one that falls silent %s is left', async (_when, answer) => {
    const { store, url } = await real(answer, 150);
    await expect(store.fetch(artifact(url), silent)).rejects.toMatchObject({ code: 'artifact-stalled' });
  });

  test.each([
    [404, 'artifact-missing'],
    [403, 'artifact-missing'],
    [503, 'artifact-unreachable'],
    [429, 'artifact-unreachable'],
  ])('then HTTP %i is %s', async (status, code) => {
    const { store, url } = await real((_request, response) => void response.writeHead(status).end('no'));
    await expect(store.fetch(artifact(url), silent)).rejects.toMatchObject({ code });
  });

  test('then redirects are followed, and a circle of them is not', async () => {
    const { origin, store, url } = await real((request, response) => {
      if (request.url === '/firmware.cap') response.writeHead(302, { location: '/moved' }).end();
      else honest(CAPSULE)(request, response);
    });
    await store.fetch(artifact(url), silent);
    expect(origin.asked).toEqual(['/firmware.cap', '/moved']);
    origin.answer = (_request, response) => void response.writeHead(302, { location: '/firmware.cap' }).end();
    await store.discard(SHA256);
    await expect(store.fetch(artifact(url), silent)).rejects.toMatchObject({ code: 'artifact-interrupted' });
  });

  test('then one that is not there is unreachable', async () => {
    const store = storeIn(temporaryDirectory());
    await expect(store.fetch(artifact('http://127.0.0.1:1/x'), silent)).rejects.toMatchObject({
      code: 'artifact-unreachable',
    });
  });
});

describe('when a download is governed', () => {
  test('then it keeps to its rate and tells how far it is', async () => {
    const origin = await httpOrigin(honest(CAPSULE));
    const timer = new FakeTimer();
    const told: Progress[] = [];
    await storeIn(temporaryDirectory(), { timer }).fetch(artifact(`${origin.url}/x`), {
      ...silent,
      maxRate: 1_000 as BytesPerSecond,
      onProgress: progress => told.push(progress),
    });
    // The first second's worth may pass at once.
    expect(timer.elapsedMs).toBeGreaterThanOrEqual(CAPSULE.byteLength - 1_000);
    expect(told.at(-1)).toEqual({ done: CAPSULE.byteLength, total: CAPSULE.byteLength, unit: 'bytes' });
  });

  test('then it ends when it is told to, and what arrived stays', async () => {
    const stop = new AbortController();
    const { store, url, directory } = await real((_request, response) => {
      response.writeHead(200, { 'content-length': CAPSULE.byteLength });
      response.write(CAPSULE.subarray(0, HALF));
    });
    const fetching = store.fetch(artifact(url), { signal: stop.signal, onProgress: () => stop.abort() });
    await expect(fetching).rejects.toMatchObject({ code: 'interrupted' });
    expect(readFileSync(join(directory, `${SHA256}.part`)).byteLength).toBe(HALF);
  });

  test.skipIf(!CAN_MOUNT)('then a full disk is a failure by name (needs the right to mount)', async () => {
    const origin: Origin = await httpOrigin(honest(Buffer.alloc(64 * 1024)));
    const directory = temporaryDirectory();
    mountTmpfs(directory, '8k');
    const large = { url: `${origin.url}/x`, sizeBytes: bytes(64 * 1024), sha256: SHA256 };
    await expect(storeIn(directory).fetch(large, silent)).rejects.toMatchObject({ code: 'disk-full' });
  });
});
