// A snapshot of any size, from a file or a pipe, piece by piece.

import { closeSync, openSync, readSync } from 'node:fs';
import { resolve } from 'node:path';
import { type ObservedFleet, readSnapshot } from '@seatrial/controller/review';
import type { DeviceId } from '@seatrial/spec';
import type { Cli } from '../cli.ts';
import { CliError } from '../errors.ts';

const PIECE_BYTES = 1024 * 1024;
/** Asking `process.stdin` for it would make a pipe answer before anything is in it. */
const STDIN = 0;

/** Decodes the wanted boards only. Fails with `observed-unreadable`, `observed-malformed`. */
export function readObserved({ cwd }: Cli, file: string, wanted: ReadonlySet<DeviceId>): ObservedFleet {
  const read = readSnapshot(pieces(cwd, file), wanted);
  if (!read.ok) throw new CliError('observed-malformed', `${file}: ${read.error.join('; ')}`);
  return read.value;
}

/** Each piece is overwritten by the next. */
function* pieces(cwd: string, file: string): Generator<Uint8Array> {
  const descriptor = file === '-' ? STDIN : orUnreadable(file, () => openSync(resolve(cwd, file), 'r'));
  const piece = new Uint8Array(PIECE_BYTES);
  try {
    for (;;) {
      const count = orUnreadable(file, () => readSync(descriptor, piece, 0, piece.length, null));
      if (count === 0) return;
      yield piece.subarray(0, count);
    }
  } finally {
    if (file !== '-') closeSync(descriptor);
  }
}

function orUnreadable<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw new CliError('observed-unreadable', `${file} can not be read`, { cause });
  }
}
