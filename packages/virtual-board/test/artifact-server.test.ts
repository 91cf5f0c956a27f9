// Ranges, entity tags and faults over real HTTP.

import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { answerRange } from '../src/artifact-server/byte-range.ts';
import { type ArtifactServer, startArtifactServer } from '../src/index.ts';

const directory = mkdtempSync(join(tmpdir(), 'seatrial-artifacts-'));
const content = createHash('shake256', { outputLength: 100_000 }).update('artifact').digest();
let server: ArtifactServer;

beforeAll(async () => {
  writeFileSync(join(directory, 'a.cap'), content);
  writeFileSync(join(directory, 'empty'), '');
  server = await startArtifactServer({ directory });
});
afterEach(() => server.mend());
afterAll(async () => {
  await server.close();
  rmSync(directory, { recursive: true });
});

const get = (path: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${server.url}${path}`, { headers });
const bodyOf = async (response: Response): Promise<Buffer> => Buffer.from(await response.arrayBuffer());

describe('a file', () => {
  test('when it is asked for whole, then all of it comes with its size and tag', async () => {
    const response = await get('/a.cap');
    expect(response.headers.get('content-length')).toBe('100000');
    expect((await bodyOf(response)).equals(content)).toBe(true);
  });

  test('when the rest of it is asked for, then exactly that comes', async () => {
    const response = await get('/a.cap', { range: 'bytes=60000-' });
    expect([response.status, response.headers.get('content-range')]).toEqual([206, 'bytes 60000-99999/100000']);
    expect((await bodyOf(response)).equals(content.subarray(60_000))).toBe(true);
  });

  test('when it has not changed, then a resumed download gets the rest; when it has, then the whole', async () => {
    const etag = (await get('/a.cap')).headers.get('etag') ?? '';
    expect((await get('/a.cap', { range: 'bytes=1-', 'if-range': etag })).status).toBe(206);
    expect((await get('/a.cap', { range: 'bytes=1-', 'if-range': '"older"' })).status).toBe(200);
    expect((await get('/a.cap', { 'if-none-match': etag })).status).toBe(304);
  });

  test.each([
    ['/empty', 200],
    ['/nothing', 404],
    ['/', 404],
    ['/../../etc/passwd', 404],
    ['/%2e%2e/%2e%2e/etc/passwd', 404],
    [`/${'x'.repeat(5_000)}`, 404],
  ])('when %s is asked for, then the answer is %i', async (path, status) => {
    expect((await get(path)).status).toBe(status);
  });

  test('when somebody wants to write, then that is not allowed', async () => {
    expect((await fetch(`${server.url}/a.cap`, { method: 'PUT', body: 'x' })).status).toBe(405);
  });
});

test.each([
  [undefined, { status: 200, part: { start: 0, end: 99 } }],
  ['bytes=10-19', { status: 206, part: { start: 10, end: 19 } }],
  ['bytes=90-1000', { status: 206, part: { start: 90, end: 99 } }],
  ['bytes=-10', { status: 206, part: { start: 90, end: 99 } }],
  ['bytes=-1000', { status: 206, part: { start: 0, end: 99 } }],
  ['bytes=100-', { status: 416 }],
  ['bytes=-0', { status: 416 }],
  ['bytes=5-4', { status: 416 }],
  ['bytes=1-2,4-5', { status: 200, part: { start: 0, end: 99 } }],
  ['bytes=-', { status: 200, part: { start: 0, end: 99 } }],
  ['lines=1-2', { status: 200, part: { start: 0, end: 99 } }],
])('when the range of a file of 100 bytes is %s, then the answer is %j', (range, answer) => {
  expect(answerRange({ range }, { sizeBytes: 100, etag: '"e"' })).toEqual(answer);
});

describe('faults', () => {
  test('when a status is injected once, then the next request is served', async () => {
    server.inject({ path: /\.cap$/, fault: { kind: 'status', status: 503 }, times: 1 });
    expect([(await get('/a.cap')).status, (await get('/a.cap')).status]).toEqual([503, 200]);
    expect(server.requests.slice(-2).map(({ status }) => status)).toEqual([503, 200]);
  });

  test('when the body is cut, then it ends early and a range fetches the rest', async () => {
    server.inject({ path: /a\.cap/, fault: { kind: 'cut', afterBytes: 40_000 }, times: 1 });
    await expect(get('/a.cap').then(bodyOf)).rejects.toThrow(TypeError);
    expect((await bodyOf(await get('/a.cap', { range: 'bytes=40000-' }))).equals(content.subarray(40_000))).toBe(true);
  });

  test('when there is no answer, then the request fails', async () => {
    server.inject({ path: /./, fault: { kind: 'no-answer' } });
    await expect(get('/a.cap')).rejects.toThrow(TypeError);
  });

  test('when bytes are wrong, then one byte differs, in a part of the file as in the whole', async () => {
    server.inject({ path: /./, fault: { kind: 'wrong-bytes' } });
    const whole = await bodyOf(await get('/a.cap'));
    expect(whole.length).toBe(content.length);
    expect([...whole].filter((byte, index) => byte !== content[index])).toHaveLength(1);
    const part = await bodyOf(await get('/a.cap', { range: 'bytes=49999-' }));
    expect(part.equals(whole.subarray(49_999))).toBe(true);
  });

  test('when ranges are not known, then the whole file comes', async () => {
    server.inject({ path: /./, fault: { kind: 'no-ranges' } });
    expect((await get('/a.cap', { range: 'bytes=5-' })).status).toBe(200);
  });

  test('when it trickles, then the bytes come in many pieces and are all right', async () => {
    server.inject({ path: /./, fault: { kind: 'trickle', bytesPerSecond: 500_000 } });
    const response = await get('/a.cap');
    const pieces: Uint8Array[] = [];
    for await (const piece of response.body ?? []) pieces.push(piece);
    expect(pieces.length).toBeGreaterThan(1);
    expect(Buffer.concat(pieces).equals(content)).toBe(true);
  });
});
