// Artifact sources: OSTree repositories in archive mode and indexes of capsules, over HTTP or on this machine.
//
// Asks: GET of `refs/heads/REF` and `objects/XX/….commit` below the URL of an OSTree repository, and of the URL of an index;
// reads the same paths where a directory or file is configured. Nothing is written, and nothing that is larger than it may be
// is read to its end.

import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { type Name, type OstreeCommit, parseOstreeCommit } from '@seatrial/spec';
import { MOST_INDEX_BYTES, readCapsuleIndex } from '../domain/artifacts/capsule-index.ts';
import {
  commitObjectPath,
  MOST_COMMIT_BYTES,
  MOST_REF_BYTES,
  readCommitObject,
  refPath,
} from '../domain/artifacts/ostree-commit.ts';
import { PortError } from '../errors.ts';
import type { ArtifactIndex } from '../ports/artifact-index.ts';

export type ArtifactSource =
  /** `remote` is the name that releases give the repository. */
  | { readonly kind: 'ostree'; readonly remote: string; readonly location: string }
  | { readonly kind: 'capsules'; readonly board: Name; readonly location: string };

export interface ArtifactSourceOptions {
  readonly sources: readonly ArtifactSource[];
  readonly timeoutMs: number;
}

/** Locations are URLs or absolute paths. Nothing is asked before the first call. */
export function artifactSources({ sources, timeoutMs }: ArtifactSourceOptions): ArtifactIndex {
  return {
    newestOs: async ({ remote, ref }) => {
      const source = sources.find(one => one.kind === 'ostree' && one.remote === remote);
      return source && newestOf(below(source.location), ref, timeoutMs);
    },
    firmwareFor: async board => {
      const source = sources.find(one => one.kind === 'capsules' && one.board === board);
      return source === undefined ? [] : firmwareAt(source.location, timeoutMs);
    },
  };
}

type Below = (path: string) => string;
const below =
  (location: string): Below =>
  path =>
    isUrl(location) ? `${location.replace(/\/+$/, '')}/${path}` : join(location, path);

async function newestOf(at: Below, ref: string, timeoutMs: number) {
  const refAt = at(refPath(ref));
  const commit = commitOf(await read(refAt, MOST_REF_BYTES, timeoutMs), refAt);
  const objectAt = at(commitObjectPath(commit));
  const artifact = readCommitObject(commit, await read(objectAt, MOST_COMMIT_BYTES, timeoutMs));
  if (!artifact.ok) throw malformed(objectAt, artifact.error);
  return artifact.value;
}

function commitOf(bytes: Uint8Array, at: string): OstreeCommit {
  const commit = parseOstreeCommit(Buffer.from(bytes).toString('latin1').trimEnd());
  if (commit === undefined) throw malformed(at, 'holds no checksum of a commit');
  return commit;
}

async function firmwareAt(location: string, timeoutMs: number) {
  const firmware = readCapsuleIndex(await read(location, MOST_INDEX_BYTES, timeoutMs), location);
  if (!firmware.ok) throw malformed(location, firmware.error);
  return firmware.value;
}

const isUrl = (location: string): boolean => /^https?:\/\//.test(location);
const malformed = (element: string, detail: string) => new PortError('artifact-malformed', element, { detail });
const oversized = (element: string, most: number) => malformed(element, `has more than ${most} bytes`);

async function read(location: string, most: number, timeoutMs: number): Promise<Uint8Array> {
  try {
    return isUrl(location) ? await download(location, most, timeoutMs) : await readFile(location, most);
  } catch (cause) {
    if (cause instanceof PortError) throw cause;
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new PortError('artifact-unreachable', location, { detail, cause });
  }
}

async function download(url: string, most: number, timeoutMs: number): Promise<Uint8Array> {
  const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs), headers: { accept: '*/*' } });
  if (!response.ok) {
    await response.body?.cancel();
    throw new PortError('artifact-unreachable', url, { detail: `answered ${response.status}` });
  }
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of response.body ?? []) {
    length += part.length;
    if (length > most) throw oversized(url, most);
    parts.push(part);
  }
  return Buffer.concat(parts);
}

async function readFile(path: string, most: number): Promise<Uint8Array> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    if (size > most) throw oversized(path, most);
    const bytes = Buffer.alloc(size);
    const { bytesRead } = await file.read(bytes, 0, size, 0);
    return bytes.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
