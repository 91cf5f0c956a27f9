// Capsules on the EFI system partition.
// Touches: <ESP>/EFI/UpdateCapsule (made), seatrial-NN-xxxxxxxx.{cap,tmp} in it (written, renamed, unlinked), every
// other *.cap there (read, never changed), /proc/mounts (read). Privileges: write access to the ESP.

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open, readdir, rename, stat, statfs } from 'node:fs/promises';
import { isOurCapsule, type ObservedCapsule } from '@seatrial/capsule-plan';
import { type ByteCount, bytes, InvariantError, parseSha256, type Sha256 } from '@seatrial/spec';
import { type AgentErrorCode, PortError } from '../errors.ts';
import type { CapsuleDirectory, CapsuleToCopy } from '../ports/capsule-directory.ts';
import type { BoardRoot } from './board-root.ts';
import { errnoOf, flushDirectory, makeDirectory, removeDurably } from './durable-file.ts';
import { takesWrites } from './mounts.ts';

const COPY_CHUNK_BYTES = 256 * 1024;
const WRITE_ERRORS: Readonly<Record<string, AgentErrorCode>> = { ENOSPC: 'esp-full', EROFS: 'esp-read-only' };
/** UEFI takes *.cap only, so a copy in progress is none of its business. */
const TEMPORARY = /^seatrial-\d{2}-[0-9a-f]{8}\.tmp$/i;

export function espDirectory(root: BoardRoot, mountPoint: string): CapsuleDirectory {
  const directory = root(mountPoint, 'EFI/UpdateCapsule');
  const pathOf = (fileName: string) => `${directory}/${fileName}`;
  const names = async (): Promise<readonly string[]> => {
    try {
      return await readdir(directory);
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return [];
      throw espError(directory, error);
    }
  };
  /** A read-only file system shows itself in more errors than one. */
  const writeError = async (fileName: string, error: unknown): Promise<PortError> =>
    error instanceof PortError || (await takesWrites(root, mountPoint))
      ? espError(fileName, error)
      : new PortError('esp-read-only', fileName, { cause: error });
  const temporaries = async () => (await names()).filter(name => TEMPORARY.test(name));

  return {
    list: async () => {
      const found: ObservedCapsule[] = [];
      for (const fileName of (await names()).filter(name => /\.cap$/i.test(name)).sort(alphabetically)) {
        const { size } = await stat(pathOf(fileName));
        found.push({ fileName, sizeBytes: bytes(size), sha256: await digestOf(pathOf(fileName)) });
      }
      return found;
    },
    place: async capsule => {
      if (!isOurCapsule(capsule)) throw new InvariantError(`not a name for our capsule: ${capsule.fileName}`);
      try {
        await makeDirectory(directory);
        for (const leftover of await temporaries()) await removeDurably(pathOf(leftover));
        await copyUnderName(capsule, pathOf(capsule.fileName));
        await flushDirectory(directory);
      } catch (error) {
        throw await writeError(capsule.fileName, error);
      }
      if ((await digestOf(pathOf(capsule.fileName))) !== capsule.sha256) {
        await removeDurably(pathOf(capsule.fileName));
        throw new PortError('esp-read-back', capsule.fileName);
      }
    },
    remove: async fileName => {
      if (!isOurCapsule({ fileName })) throw new InvariantError(`not our capsule: ${fileName}`);
      try {
        await removeDurably(pathOf(fileName));
        for (const leftover of await temporaries()) await removeDurably(pathOf(leftover));
      } catch (error) {
        throw await writeError(fileName, error);
      }
    },
    writable: () => takesWrites(root, mountPoint),
    freeBytes: async () => {
      const { bavail, bsize } = await statfs(root(mountPoint)).catch((error: unknown) => {
        if (errnoOf(error) === 'ENOENT') return { bavail: 0, bsize: 0 };
        throw espError(mountPoint, error);
      });
      const leftovers = await Promise.all((await temporaries()).map(name => stat(pathOf(name))));
      return leftovers.reduce((sum, { size }) => (sum + size) as ByteCount, bytes(bavail * bsize)); // a sum of sizes is one
    },
  };
}

/** As UEFI sorts them: by code unit, whatever the case. */
const alphabetically = (a: string, b: string): number => (a.toUpperCase() < b.toUpperCase() ? -1 : 1);

/** Beside, flushed, then renamed: under the name that UEFI looks for there is never half a capsule. */
async function copyUnderName({ sourcePath, sha256 }: CapsuleToCopy, path: string): Promise<void> {
  const beside = path.replace(/\.cap$/i, '.tmp');
  const file = await open(beside, 'w', 0o600);
  try {
    const copied = await copyInto(file, sourcePath);
    if (copied !== sha256) throw new PortError('artifact-corrupt', sourcePath);
    await file.sync();
  } catch (error) {
    await file.close();
    await removeDurably(beside).catch(() => undefined);
    throw error;
  }
  await file.close();
  await rename(beside, path);
}

async function copyInto(file: FileHandle, sourcePath: string): Promise<Sha256 | undefined> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(sourcePath, { highWaterMark: COPY_CHUNK_BYTES })) {
    hash.update(chunk);
    await file.writeFile(chunk);
  }
  return parseSha256(hash.digest('hex'));
}

async function digestOf(path: string): Promise<Sha256> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: COPY_CHUNK_BYTES })) hash.update(chunk);
  } catch (error) {
    throw espError(path, error);
  }
  const digest = parseSha256(hash.digest('hex'));
  if (digest === undefined) throw new InvariantError('SHA-256 has 64 hex digits');
  return digest;
}

const espError = (element: string, error: unknown): PortError =>
  error instanceof PortError
    ? error
    : new PortError(WRITE_ERRORS[errnoOf(error) ?? ''] ?? 'esp-io', element, { cause: error });
