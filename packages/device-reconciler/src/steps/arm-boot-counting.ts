// Puts a deployment on trial: its entry gets a counter, and then the loader's hold is taken off.
//
// In this order, because only a counted entry may be booted unproven. Cut between the two: the hold still stands, the old
// OS boots, and the step is taken again.

import { countedEntry, pendingDeployment } from '@seatrial/capsule-plan';
import { LOADER_HOLD } from '../domain/loader-hold.ts';
import { PortError } from '../errors.ts';
import type { Executor } from './executor.ts';

export const armBootCounting: Executor<'arm-boot-counting'> = async ({ commit, tries }, { ports, observed }) => {
  const entry = pendingDeployment(commit, observed)?.entry;
  if (entry === undefined) throw new PortError('deployment-missing', `commit ${commit.slice(0, 10)}`);
  if (entry.triesLeft === undefined) await ports.loaderEntries.rename(entry, countedEntry(entry, tries));
  await ports.efiVariables.remove(LOADER_HOLD);
  return undefined;
};
