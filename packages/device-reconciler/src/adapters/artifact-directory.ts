// Downloaded capsules, each under its own digest.
// Touches: <downloads>/SHA256 (verified artefacts), <downloads>/SHA256.part and SHA256.part.etag (what has arrived so
// far), the network. Privileges: write access to the directory.

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readdir, rm, stat, writeFile } from 'node:fs/promises';
import type { CapsuleToPlace } from '@seatrial/capsule-plan';
import { InvariantError, parseSha256, type Sha256 } from '@seatrial/spec';
import { PortError } from '../errors.ts';
import type { ArtifactStore, FetchOptions } from '../ports/artifact-store.ts';
import type { Timer } from '../ports/timer.ts';
import { errnoOf, makeDirectory, readTextIfThere, removeDurably, renameDurably } from './durable-file.ts';
import { type HttpResponse, HttpSilence, httpGet } from './http-get.ts';
import { type RateLimiter, rateLimiter } from './rate-limiter.ts';

type Artifact = Pick<CapsuleToPlace, 'url' | 'sizeBytes' | 'sha256'>;

export interface ArtifactDirectoryOptions {
  /** On this machine, not relative to the board's root. */
  readonly directory: string;
  readonly stallMs: number;
  readonly timer: Timer;
}

export function artifactDirectory({ directory, stallMs, timer }: ArtifactDirectoryOptions): ArtifactStore {
  const pathOf = (sha256: Sha256) => `${directory}/${sha256}`;
  return {
    list: async () => {
      const names = await readdir(directory).catch(() => []);
      return names.flatMap(name => parseSha256(name) ?? []).sort();
    },
    pathOf,
    discard: sha256 => removeDurably(pathOf(sha256)),
    keepOnly: async wanted => {
      const names = await readdir(directory).catch(() => []);
      const others = names.filter(
        name => /^[0-9a-f]{64}(?:\.part(?:\.etag)?)?$/.test(name) && !wanted.some(one => name.startsWith(one)),
      );
      for (const name of others) await rm(`${directory}/${name}`, { force: true });
    },
    fetch: async (artifact, options) => {
      try {
        await makeDirectory(directory);
        const part = { path: `${pathOf(artifact.sha256)}.part`, etagPath: `${pathOf(artifact.sha256)}.part.etag` };
        await download(artifact, part, { ...options, stallMs, limiter: rateLimiter(options.maxRate, timer) });
        await verify(artifact, part);
        await renameDurably(part.path, pathOf(artifact.sha256));
        await rm(part.etagPath, { force: true });
      } catch (error) {
        throw downloadError(artifact, error, options.signal);
      }
    },
  };
}

interface Part {
  readonly path: string;
  /** Which version of the file on the server the part belongs to. */
  readonly etagPath: string;
}

interface Transfer extends FetchOptions {
  readonly stallMs: number;
  readonly limiter: RateLimiter;
}

/** Returns when the part has as many bytes as declared. */
async function download(artifact: Artifact, part: Part, transfer: Transfer): Promise<void> {
  const have = await sizeOf(part.path);
  if (have === artifact.sizeBytes) return;
  if (have > artifact.sizeBytes) {
    await forget(part);
    return download(artifact, part, transfer);
  }
  const response = await httpGet(artifact.url, {
    stallMs: transfer.stallMs,
    signal: transfer.signal,
    headers: have === 0 ? {} : await resumeHeaders(part, have),
  });
  try {
    const from = await offsetOf(response, artifact, part, have);
    await append(response, artifact, { part, from, transfer });
  } finally {
    response.discard();
  }
}

/** Only if the file is still the same; without a strong tag the digest at the end has to tell. */
async function resumeHeaders({ etagPath }: Part, have: number): Promise<Record<string, string>> {
  const etag = await readTextIfThere(etagPath);
  return { range: `bytes=${have}-`, ...(etag?.startsWith('"') === true ? { 'if-range': etag } : {}) };
}

/** Where the server's bytes begin; refuses before the first byte what can not become the artefact. */
async function offsetOf(response: HttpResponse, artifact: Artifact, part: Part, have: number): Promise<number> {
  const { status, headers } = response;
  if (status === 416) {
    await forget(part);
    throw new PortError('artifact-size', artifact.url, { detail: `the file ends before byte ${have}` });
  }
  if (status !== 200 && status !== 206)
    throw new PortError(codeOfStatus(status), artifact.url, { detail: `HTTP ${status}` });
  const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers['content-range'] ?? '');
  const from = status === 206 ? Number(range?.[1] ?? Number.NaN) : 0;
  const total = status === 206 ? Number(range?.[2] ?? Number.NaN) : Number(headers['content-length'] ?? Number.NaN);
  if (status === 206 && from !== have) {
    await forget(part);
    throw new PortError('artifact-interrupted', artifact.url, {
      detail: 'the server sent another range than asked for',
    });
  }
  if (Number.isFinite(total) && total !== artifact.sizeBytes) {
    await forget(part);
    throw new PortError('artifact-size', artifact.url, {
      detail: `${total} bytes, ${artifact.sizeBytes} are declared`,
    });
  }
  await rememberTag(part, headers.etag);
  return from;
}

const codeOfStatus = (status: number) =>
  status >= 500 || status === 408 || status === 429 ? 'artifact-unreachable' : 'artifact-missing';

async function rememberTag({ etagPath }: Part, etag: string | undefined): Promise<void> {
  if (etag === undefined) return rm(etagPath, { force: true });
  await writeFile(etagPath, etag, { mode: 0o600 });
}

async function append(
  response: HttpResponse,
  { url, sizeBytes }: Artifact,
  { part, from, transfer }: { part: Part; from: number; transfer: Transfer },
): Promise<void> {
  const file = await open(part.path, from === 0 ? 'w' : 'a', 0o600);
  let done = from;
  try {
    for await (const chunk of response.body) {
      done += chunk.byteLength;
      if (done > sizeBytes) throw new PortError('artifact-size', url, { detail: `more than ${sizeBytes} bytes` });
      await file.writeFile(chunk);
      transfer.onProgress({ done, total: sizeBytes, unit: 'bytes' });
      await transfer.limiter.pass(chunk.byteLength, transfer.signal);
      transfer.signal.throwIfAborted();
    }
    await file.sync();
  } finally {
    await file.close();
  }
  if (done < sizeBytes)
    throw new PortError('artifact-size', url, { detail: `${done} bytes, ${sizeBytes} are declared` });
}

/** Reads back what is on the disk; what is wrong is not kept. */
async function verify({ url, sha256 }: Artifact, part: Part): Promise<void> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(part.path)) hash.update(chunk);
  if (hash.digest('hex') === sha256) return;
  await forget(part);
  throw new PortError('artifact-digest', url);
}

const forget = async ({ path, etagPath }: Part): Promise<void> => {
  await rm(etagPath, { force: true });
  await rm(path, { force: true });
};

const sizeOf = async (path: string): Promise<number> => {
  const found = await stat(path).catch(() => undefined);
  return found?.size ?? 0;
};

/** Errors of the disk have a code of their own; what is left is the network's. */
function downloadError({ url }: Artifact, error: unknown, signal: AbortSignal): Error {
  if (signal.aborted) return new PortError('interrupted', url, { cause: error });
  if (error instanceof PortError || error instanceof InvariantError) return error;
  if (error instanceof HttpSilence) return new PortError('artifact-stalled', url, { cause: error });
  const errno = errnoOf(error) ?? '';
  if (errno === 'ENOSPC' || errno === 'EDQUOT') return new PortError('disk-full', url, { cause: error });
  if (['EIO', 'EROFS', 'EACCES', 'EPERM', 'ENOENT', 'EISDIR'].includes(errno)) {
    return new PortError('store-io', url, { detail: errno, cause: error });
  }
  const began = errno === '' || errno === 'ECONNRESET' || errno === 'EPIPE';
  return new PortError(began ? 'artifact-interrupted' : 'artifact-unreachable', url, {
    ...(errno === '' ? {} : { detail: errno }),
    cause: error,
  });
}
