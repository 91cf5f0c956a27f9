// What earlier attempts left on a board that nothing needs any more.

import { isOurCapsule } from './capsule-files.ts';
import type { Attempt } from './journal.ts';
import type { Situation } from './situation.ts';
import { pendingDeployment, rollbackDeployment } from './situation.ts';
import type { Leftovers, StepOf } from './step.ts';

export const NO_LEFTOVERS: Leftovers = {
  capsuleFileNames: [],
  capsuleRequest: false,
  deployments: [],
  heldEntry: false,
};

/** Capsules and the request for them: to be gone before any reboot that is not to apply them. */
export const capsuleLeftovers = ({ observed, capsuleRequested }: Situation): Leftovers => ({
  capsuleFileNames: observed.esp.capsules.filter(isOurCapsule).map(({ fileName }) => fileName),
  capsuleRequest: capsuleRequested,
  deployments: [],
  heldEntry: false,
});

/** What an attempt that goes back must take along before anything else reboots the board. */
export function attemptLeftovers(situation: Situation, { to }: Attempt): Leftovers {
  const { observed } = situation;
  const pending = pendingDeployment(to.os, observed);
  return {
    ...capsuleLeftovers(situation),
    deployments: pending === undefined ? [] : [{ commit: pending.commit, serial: pending.serial }],
    heldEntry: observed.os.heldEntryId !== undefined,
  };
}

/** Everything, for a board at rest: it keeps what it runs and one way back. */
export function allLeftovers(situation: Situation): Leftovers {
  const { observed, wanted } = situation;
  return {
    ...capsuleLeftovers(situation),
    deployments: wanted.os === undefined ? [] : superfluous(situation),
    heldEntry: observed.os.heldEntryId !== undefined,
  };
}

const superfluous = ({ observed, journal, booted }: Situation): Leftovers['deployments'] => {
  const kept = [booted, rollbackDeployment(observed, journal.success?.from ?? {})];
  return observed.os.deployments
    .filter(deployment => !deployment.staged && !kept.includes(deployment))
    .map(({ commit, serial }) => ({ commit, serial }));
};

export const isEmpty = ({ capsuleFileNames, capsuleRequest, deployments, heldEntry }: Leftovers): boolean =>
  capsuleFileNames.length === 0 && !capsuleRequest && deployments.length === 0 && !heldEntry;

/** The step that takes them away; undefined where there is nothing to do. */
export const cleanUp = (leftovers: Leftovers): StepOf<'clean-up'> | undefined =>
  isEmpty(leftovers) ? undefined : { kind: 'clean-up', leftovers };
