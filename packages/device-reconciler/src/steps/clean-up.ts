// Takes away what an attempt left: capsules, the request for them, deployments, and last the loader's hold.
//
// In this order, because each is only safe after the one before: a request without a capsule asks for nothing, and the
// hold guards against every deployment that is still there. Cut anywhere: what is left is seen, and taken away next time.

import { withoutCapsuleDelivery } from '@seatrial/capsule-plan';
import { LOADER_HOLD } from '../domain/loader-hold.ts';
import type { Executor } from './executor.ts';
import { OS_INDICATIONS, readIndications, writeIndications } from './variables.ts';

export const cleanUp: Executor<'clean-up'> = async ({ leftovers }, { ports, target }) => {
  const esp = ports.espAt(target.board.esp.mountPoint);
  for (const fileName of leftovers.capsuleFileNames) await esp.remove(fileName);
  if (leftovers.capsuleRequest) {
    const bits = (await readIndications(ports.efiVariables, OS_INDICATIONS)) ?? 0n;
    await writeIndications(ports.efiVariables, withoutCapsuleDelivery(bits));
  }
  for (const deployment of leftovers.deployments) await ports.ostree.undeploy(deployment);
  if (leftovers.heldEntry) await ports.efiVariables.remove(LOADER_HOLD);
  return undefined;
};
