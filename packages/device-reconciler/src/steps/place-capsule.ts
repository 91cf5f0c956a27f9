// Puts one verified capsule under its name on the ESP.
//
// Cut during the copy: a temporary file that UEFI does not look at, removed by the next copy. Cut after the rename: the
// capsule is there, and since the trial variable exists and nothing is requested, UEFI leaves it alone.

import { PortError } from '../errors.ts';
import type { Executor } from './executor.ts';

/** A source that turns out corrupt is thrown away, so that it is fetched again. */
export const placeCapsule: Executor<'place-capsule'> = async ({ capsule }, { ports, target }) => {
  const { fileName, sha256 } = capsule;
  try {
    await ports
      .espAt(target.board.esp.mountPoint)
      .place({ fileName, sha256, sourcePath: ports.artifacts.pathOf(sha256) });
  } catch (error) {
    if (error instanceof PortError && error.code === 'artifact-corrupt') await ports.artifacts.discard(sha256);
    throw error;
  }
  return undefined;
};
