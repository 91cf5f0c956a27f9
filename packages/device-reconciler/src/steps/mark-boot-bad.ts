// Gives the running system up: no tries left, and the loader held to the one that is blessed.
//
// Both, because some versions of systemd-boot start an exhausted entry all the same. Cut between the two: the loader
// passes over the exhausted entry, and the step is taken again if it does not.

import { bootedDeployment } from '@seatrial/capsule-plan';
import { holdOf, LOADER_HOLD } from '../domain/loader-hold.ts';
import { PortError } from '../errors.ts';
import type { Executor } from './executor.ts';

export const markBootBad: Executor<'mark-boot-bad'> = async ({ fallbackEntryId }, { ports, observed }) => {
  const running = bootedDeployment(observed.os.deployments)?.entry;
  if (running === undefined || fallbackEntryId === undefined)
    throw new PortError('loader-entry-missing', 'the way back');
  await ports.bootAssessment.markBad(running);
  await ports.efiVariables.write(LOADER_HOLD, holdOf(fallbackEntryId));
  return undefined;
};
