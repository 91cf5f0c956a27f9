// Adapter: input files. Opens and reads what the user names; large files chunk by chunk, with the next chunk on its way.

import { type BigIntStats, close, fstat, open, read } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { type ByteRange, CHUNK_BYTES } from '@seatrial/capsule-plan/capsule';
import { CapsuleFailure } from './failure.ts';

const openFile = promisify(open);
const closeFile = promisify(close);

const readInto = (fd: number, buffer: Uint8Array, position: number): Promise<number> =>
  new Promise((resolve, reject) => {
    read(fd, buffer, 0, buffer.length, position, (error, count) => (error === null ? resolve(count) : reject(error)));
  });

const statOf = (fd: number): Promise<BigIntStats> =>
  new Promise((resolve, reject) => {
    fstat(fd, { bigint: true }, (error, stats) => (error === null ? resolve(stats) : reject(error)));
  });

const unreadable = (path: string, cause: unknown): CapsuleFailure =>
  new CapsuleFailure('INPUT_UNREADABLE', `(${path}: ${cause instanceof Error ? cause.message : String(cause)})`, {
    cause,
  });

/** Keys, certificates, XML and YAML are small; something larger was named by mistake. */
const SMALL_BYTES = 4 * 1024 * 1024;

/** A small file as a whole. Fails with INPUT_UNREADABLE. */
export async function readSmallFile(path: string): Promise<Buffer> {
  try {
    if ((await stat(path)).size > SMALL_BYTES) throw new Error('larger than 4 MiB');
    return await readFile(path);
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

/** What a passphrase or PIN file holds: its first line, without the line end. Fails with INPUT_UNREADABLE. */
export async function readFirstLine(path: string): Promise<string> {
  const [line = ''] = (await readSmallFile(path)).toString('utf8').split(/\r?\n/);
  return line;
}

/** Files are read one after the other, so that two buffers serve however many there are. */
const SPARE_BUFFERS: Buffer[] = [];

interface Ahead {
  readonly range: ByteRange;
  readonly bytes: Promise<Uint8Array>;
}

/**
 * An open file that is read at offsets. Two buffers take turns: while one chunk is being used, the next is read, so a
 * chunk may be used only until the next one is asked for.
 */
export class SourceFile {
  readonly path: string;
  readonly sizeBytes: number;
  readonly #fd: number;
  readonly #modifiedNs: bigint;
  readonly #buffers: Buffer[] = [];
  #turn: 0 | 1 = 0;
  #ahead: Ahead | undefined;

  private constructor(path: string, fd: number, stats: BigIntStats) {
    this.path = path;
    this.#fd = fd;
    this.sizeBytes = Number(stats.size);
    this.#modifiedNs = stats.mtimeNs;
  }

  /** Fails with INPUT_UNREADABLE. */
  static async open(path: string): Promise<SourceFile> {
    try {
      const fd = await openFile(path, 'r');
      const stats = await statOf(fd);
      if (!stats.isFile()) throw new Error('not a file');
      return new SourceFile(path, fd, stats);
    } catch (cause) {
      throw unreadable(path, cause);
    }
  }

  /** Exactly the range. Fails with INPUT_CHANGED where the file has become shorter. */
  async readAt(range: ByteRange): Promise<Uint8Array> {
    const ahead = this.#ahead;
    this.#ahead = undefined;
    const known = ahead?.range.offset === range.offset && ahead.range.length >= range.length ? ahead.bytes : undefined;
    if (known === undefined) await ahead?.bytes.catch(() => undefined);
    const bytes = await (known ?? this.#load(range));
    this.#readAhead({ offset: range.offset + range.length, length: range.length });
    return bytes.subarray(0, range.length);
  }

  /** Only a reader that asks for whole chunks is likely to ask for the next. */
  #readAhead({ offset, length }: ByteRange): void {
    const next = { offset, length: Math.min(length, this.sizeBytes - offset) };
    if (length < CHUNK_BYTES || next.length <= 0) return;
    const bytes = this.#load(next);
    // Whoever asks for the range gets the failure; nobody may ask.
    bytes.catch(() => undefined);
    this.#ahead = { range: next, bytes };
  }

  async #load({ offset, length }: ByteRange): Promise<Uint8Array> {
    const buffer = this.#buffer(length);
    for (let filled = 0; filled < length; ) {
      const count = await readInto(this.#fd, buffer.subarray(filled, length), offset + filled);
      if (count === 0) throw new CapsuleFailure('INPUT_CHANGED', `(${this.path})`);
      filled += count;
    }
    return buffer.subarray(0, length);
  }

  #buffer(length: number): Buffer {
    this.#turn = this.#turn === 0 ? 1 : 0;
    const own = this.#buffers[this.#turn];
    if (own !== undefined && own.length >= length) return own;
    const spare = length <= CHUNK_BYTES ? SPARE_BUFFERS.pop() : undefined;
    const fresh = spare ?? Buffer.allocUnsafeSlow(Math.max(length, CHUNK_BYTES));
    this.#buffers[this.#turn] = fresh;
    return fresh;
  }

  /** Gives the buffers to the next file; to be called when a pass over this one is over. */
  async release(): Promise<void> {
    await this.#ahead?.bytes.catch(() => undefined);
    this.#ahead = undefined;
    SPARE_BUFFERS.push(...this.#buffers.splice(0).filter(buffer => buffer.length === CHUNK_BYTES));
  }

  /** Fails with INPUT_CHANGED where somebody has written the file since it was opened. */
  async demandUnchanged(): Promise<void> {
    const stats = await statOf(this.#fd);
    if (stats.mtimeNs !== this.#modifiedNs || Number(stats.size) !== this.sizeBytes)
      throw new CapsuleFailure('INPUT_CHANGED', `(${this.path})`);
  }

  async close(): Promise<void> {
    await this.release();
    await closeFile(this.#fd);
  }
}
