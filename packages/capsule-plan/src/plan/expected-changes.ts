// The changes that steps bring to a board in a preview: the same values, one thing different.

import { countedEntry, type EntryName } from '../boot/boot-counting.ts';
import { bootedDeployment, type Deployment } from '../boot/deployment.ts';
import { withoutCapsuleDelivery } from '../firmware/os-indications.ts';
import type { Observed } from './observed.ts';
import type { StepOf } from './step.ts';

/** The board with the entry of one deployment renamed. */
export const withEntry = (
  observed: Observed,
  which: (deployment: Deployment) => boolean,
  rename: (entry: EntryName) => EntryName,
): Observed => ({
  ...observed,
  os: {
    ...observed.os,
    deployments: observed.os.deployments.map(deployment =>
      which(deployment) && deployment.entry !== undefined
        ? { ...deployment, entry: rename(deployment.entry) }
        : deployment,
    ),
  },
});

export const holding = (observed: Observed, entryId: string | undefined): Observed => {
  const { heldEntryId: _released, ...os } = observed.os;
  return { ...observed, os: entryId === undefined ? os : { ...os, heldEntryId: entryId } };
};

/** libostree numbers entries from the back, so that a new one in front leaves the others their names. */
const numbered = (deployments: readonly Deployment[]): readonly Deployment[] =>
  deployments.map((deployment, index) => {
    const id = `ostree-${deployments.length - index}-${deployment.stateroot}`;
    return { ...deployment, index, ...(deployment.entry === undefined ? {} : { entry: { ...deployment.entry, id } }) };
  });

/** A new deployment stands in front; where libostree does not count boots, the loader is held to the running entry. */
export const withNewDeployment = (observed: Observed, step: StepOf<'deploy-commit'>): Observed => {
  const { deployments, ostreeCountsBoots } = observed.os;
  const id = 'numbered-below';
  const fresh: Deployment = {
    index: 0,
    commit: step.source.commit,
    serial: deployments.filter(({ commit }) => commit === step.source.commit).length,
    stateroot: step.stateroot,
    booted: false,
    staged: false,
    entry: ostreeCountsBoots ? countedEntry({ id }, 3) : { id },
  };
  const deployed = { ...observed, os: { ...observed.os, deployments: numbered([fresh, ...deployments]) } };
  return ostreeCountsBoots ? deployed : holding(deployed, bootedDeployment(observed.os.deployments)?.entry?.id);
};

export const isLeftover = (deployment: Deployment, { leftovers }: StepOf<'clean-up'>): boolean =>
  leftovers.deployments.some(({ commit, serial }) => commit === deployment.commit && serial === deployment.serial);

/** Without what a clean-up takes away. */
export function cleanedUp(observed: Observed, step: StepOf<'clean-up'>): Observed {
  const { leftovers } = step;
  const { osIndications } = observed.firmware;
  const cleaned = {
    ...observed,
    firmware:
      leftovers.capsuleRequest && osIndications !== undefined
        ? { ...observed.firmware, osIndications: withoutCapsuleDelivery(osIndications) }
        : observed.firmware,
    esp: {
      ...observed.esp,
      capsules: observed.esp.capsules.filter(({ fileName }) => !leftovers.capsuleFileNames.includes(fileName)),
    },
    os: {
      ...observed.os,
      deployments: numbered(observed.os.deployments.filter(deployment => !isLeftover(deployment, step))),
    },
  };
  return leftovers.heldEntry ? holding(cleaned, undefined) : cleaned;
}
