// What builds say of the capsules that boards are to run: a release that says otherwise is told of before it is merged.

import type { Name } from '@seatrial/spec';
import type { FirmwareArtifact } from '../../domain/artifacts/artifact.ts';
import { PortError } from '../../errors.ts';
import type { ArtifactIndex } from '../../ports/artifact-index.ts';
import type { ArtifactFinding, Changes } from '../../review/index.ts';

/** By URL of the capsule. A capsule that no index has is left out: it may well lie elsewhere. */
export type CapsuleLookup = (
  changes: Pick<Changes, 'fleets'> | undefined,
) => Promise<ReadonlyMap<string, ArtifactFinding>>;

/** Asks each source once. One that does not answer, or answers nonsense, is logged and says nothing. */
export function capsuleLookup(index: ArtifactIndex | undefined, log: (line: string) => void): CapsuleLookup {
  const asked = new Map<Name, Promise<readonly FirmwareArtifact[]>>();
  const ask = (source: ArtifactIndex, board: Name): Promise<readonly FirmwareArtifact[]> => {
    const answer = asked.get(board) ?? orNothing(source.firmwareFor(board), log);
    asked.set(board, answer);
    return answer;
  };
  return async changes => {
    const boards = new Set(changes?.fleets.flatMap(({ after }) => after?.board ?? []));
    if (index === undefined) return new Map();
    const firmware = await Promise.all([...boards].map(board => ask(index, board)));
    return new Map(
      firmware.flat().flatMap(({ capsules }) => capsules.map(one => [one.url, { kind: 'found', ...one }])),
    );
  };
}

async function orNothing(
  answer: Promise<readonly FirmwareArtifact[]>,
  log: (line: string) => void,
): Promise<readonly FirmwareArtifact[]> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof PortError)) throw error;
    log(`artifacts are not compared: ${error.code}: ${error.message}`);
    return [];
  }
}
