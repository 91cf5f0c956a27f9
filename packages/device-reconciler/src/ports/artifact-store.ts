// The port to the board's own store of downloaded artefacts, addressed by content.

import type { CapsuleToPlace, Progress } from '@seatrial/capsule-plan';
import type { BytesPerSecond, Sha256 } from '@seatrial/spec';

export interface FetchOptions {
  readonly maxRate?: BytesPerSecond | undefined;
  readonly onProgress: (progress: Progress) => void;
  readonly signal: AbortSignal;
}

export interface ArtifactStore {
  /** Artefacts that arrived whole and verified. */
  list(): Promise<readonly Sha256[]>;
  /**
   * Goes on where an earlier download stopped; the artefact appears in the store verified or not at all. Never keeps
   * more bytes than declared. Fails with the `artifact-` codes, `disk-full`, `store-io`, `interrupted`.
   */
  fetch(artifact: Pick<CapsuleToPlace, 'url' | 'sizeBytes' | 'sha256'>, options: FetchOptions): Promise<void>;
  /** Where a listed artefact lies. */
  pathOf(sha256: Sha256): string;
  /** Also done when there is none. */
  discard(sha256: Sha256): Promise<void>;
  /** Makes room: everything else goes, whole or in part. */
  keepOnly(wanted: readonly Sha256[]): Promise<void>;
}
