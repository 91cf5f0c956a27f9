// The reported state of the boards onto its branch, as often as it changes and no more often than is asked for: a pipeline
// then previews a change without asking the controller, and without a key to anything.

import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { SnapshotBranch } from '../ports/snapshot-branch.ts';
import type { LoopOutcome } from './loop.ts';
import type { Snapshots } from './snapshots.ts';

/** GitHub takes no file over 100 MB, which 100,000 boards come near to; compressed they are a tenth of it. */
export const SNAPSHOT_PATH = 'observed.json.gz';
/** A snapshot that has not changed is dated anew after this, so that nobody takes it for an old one. */
const DATED_FOR_MS = 6 * 3_600_000;

export interface SnapshotPublisherOptions {
  readonly snapshots: Snapshots;
  readonly branch: SnapshotBranch;
  readonly everyMs: number;
  readonly now: () => number;
}

export class SnapshotPublisher {
  readonly #options: SnapshotPublisherOptions;
  #published: { readonly digest: string; readonly atMs: number } | undefined;

  constructor(options: SnapshotPublisherOptions) {
    this.#options = options;
  }

  async look(): Promise<LoopOutcome> {
    const { snapshots, branch, everyMs, now } = this.#options;
    const atMs = now();
    const { text, digest } = await written(snapshots);
    const isFresh = this.#published !== undefined && atMs - this.#published.atMs < DATED_FOR_MS;
    if (this.#published?.digest !== digest || !isFresh) {
      await branch.put({ path: SNAPSHOT_PATH, bytes: await promisify(gzip)(text), atMs });
      this.#published = { digest, atMs };
    }
    return { kind: 'again', afterMs: everyMs };
  }
}

/** The digest leaves the header out: it says when, and that always changes. */
async function written(snapshots: Snapshots): Promise<{ readonly text: Buffer; readonly digest: string }> {
  const hash = createHash('sha256');
  const pieces: Buffer[] = [];
  for await (const piece of snapshots.text()) {
    if (pieces.length > 0) hash.update(piece);
    pieces.push(Buffer.from(piece));
  }
  return { text: Buffer.concat(pieces), digest: hash.digest('hex') };
}
