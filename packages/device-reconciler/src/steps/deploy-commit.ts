// Deploys a commit beside the running one.
//
// Where libostree does not write counters itself, its new entry is a good one and would be booted for ever. So the loader
// is held to the running entry first: cut after the hold, or after the deployment, the old OS boots.

import { bootedDeployment, pendingDeployment } from '@seatrial/capsule-plan';
import { holdOf, LOADER_HOLD } from '../domain/loader-hold.ts';
import { PortError } from '../errors.ts';
import type { Executor } from './executor.ts';

export const deployCommit: Executor<'deploy-commit'> = async ({ source, stateroot }, { ports, observed }) => {
  if (!observed.os.ostreeCountsBoots) {
    const running = bootedDeployment(observed.os.deployments)?.entry;
    if (running === undefined) throw new PortError('loader-entry-missing', 'the running system');
    await ports.efiVariables.write(LOADER_HOLD, holdOf(running.id));
  }
  const pending = pendingDeployment(source.commit, observed);
  if (pending === undefined) await ports.ostree.deploy(source.commit, stateroot);
  return undefined;
};
