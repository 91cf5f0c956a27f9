// Adapter: output files, which appear whole or not at all: written beside their place, synced, then renamed.

import { randomBytes } from 'node:crypto';
import { close, fsync, open, write } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { CapsuleFailure } from './failure.ts';

const openFile = promisify(open);
const closeFile = promisify(close);
const syncFile = promisify(fsync);

const writeFrom = (fd: number, bytes: Uint8Array, position: number): Promise<number> =>
  new Promise((resolve, reject) => {
    write(fd, bytes, 0, bytes.length, position, (error, count) => (error === null ? resolve(count) : reject(error)));
  });

export interface OutputFile {
  /** All of `bytes`, at this offset. */
  writeAt(bytes: Uint8Array, offset: number): Promise<void>;
}

export interface OutputOptions {
  /** Keys are for their owner alone. */
  readonly mode?: number;
  /** Runs before the finished file appears under its name; a failure leaves nothing behind. */
  readonly check?: () => Promise<void>;
}

/** Writes a file through `fill`. Fails with OUTPUT_FAILED, or as `fill` and `check` do; then nothing is left behind. */
export async function writeWhole(
  path: string,
  fill: (file: OutputFile) => Promise<void>,
  { mode = 0o644, check }: OutputOptions = {},
): Promise<void> {
  await refuseDevice(path);
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`);
  const fd = await openFile(temporary, 'wx', mode).catch(cause => failed(path, cause));
  try {
    try {
      await fill({ writeAt: (bytes, offset) => writeAll(fd, bytes, offset).catch(cause => failed(path, cause)) });
      await syncFile(fd).catch(cause => failed(path, cause));
    } finally {
      await closeFile(fd);
    }
    await check?.();
    await rename(temporary, path).catch(cause => failed(path, cause));
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncDirectory(dirname(path));
}

/** The rename would put a file in the place of /dev/null for every program of the machine. */
async function refuseDevice(path: string): Promise<void> {
  const there = await stat(path).catch(() => undefined);
  if (there !== undefined && !there.isFile()) failed(path, new Error('is not a regular file'));
}

/** A file whose bytes are already there. */
export const writeBytes = (path: string, bytes: Uint8Array | string, options?: OutputOptions): Promise<void> =>
  writeWhole(path, file => file.writeAt(Buffer.from(bytes), 0), options);

async function writeAll(fd: number, bytes: Uint8Array, offset: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) done += await writeFrom(fd, bytes.subarray(done), offset + done);
}

function failed(path: string, cause: unknown): never {
  throw new CapsuleFailure('OUTPUT_FAILED', `(${path}: ${cause instanceof Error ? cause.message : String(cause)})`, {
    cause,
  });
}

/** So that the name survives a power cut; not every file system can. */
async function syncDirectory(directory: string): Promise<void> {
  const fd = await openFile(directory, 'r').catch(() => undefined);
  if (fd === undefined) return;
  await syncFile(fd).catch(() => undefined);
  await closeFile(fd);
}
