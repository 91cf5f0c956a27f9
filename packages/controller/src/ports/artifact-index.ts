// Where builds put what boards could run: asked for what is newest there.

import type { Name, OsPayload } from '@seatrial/spec';
import type { FirmwareArtifact, OsArtifact } from '../domain/artifacts/artifact.ts';

/** Both throw PortError `artifact-unreachable` or `artifact-malformed`. */
export interface ArtifactIndex {
  /** The newest commit of the ref that a release names; undefined where no source is configured for it. */
  newestOs(os: Pick<OsPayload, 'remote' | 'ref'>): Promise<OsArtifact | undefined>;
  /** Every firmware for a board type, newest first; none where no source is configured for it. */
  firmwareFor(board: Name): Promise<readonly FirmwareArtifact[]>;
}
