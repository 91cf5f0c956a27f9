// Every step in one table: when it may be taken, what the board looks like when it has gone well, and what it is called.
//
// `precondition` names what is missing, or undefined; it is asked again immediately before the act.
// `expected` is the board afterwards: previews walk on from it.
// `reached` holds of a board on which the step is done; it is demanded of a fresh look after the act, and it always holds
// of `expected`.

import { formatBytes, formatDuration, formatFirmwareVersion, type OstreeCommit } from '@seatrial/spec';
import { badEntry, blessedEntry, countedEntry, type EntryName, entryState } from '../boot/boot-counting.ts';
import { bootedDeployment } from '../boot/deployment.ts';
import { asksForCapsuleDelivery, withCapsuleDelivery } from '../firmware/os-indications.ts';
import {
  armTrial,
  commitTrial,
  isOnTrial,
  isRollbackRequested,
  NEW_TRIAL_BOOT,
  requestRollback,
  trialCount,
  trialMaxCount,
} from '../firmware/trial-boot.ts';
import { isPlaced } from './capsule-files.ts';
import { cleanedUp, holding, isLeftover, withEntry, withNewDeployment } from './expected-changes.ts';
import type { Observed } from './observed.ts';
import { powerOn } from './power-on.ts';
import { pendingDeployment, wayBack } from './situation.ts';
import type { Step, StepKind, StepOf } from './step.ts';

export interface StepRow<S extends Step> {
  precondition(observed: Observed, step: S): string | undefined;
  expected(observed: Observed, step: S): Observed;
  reached(observed: Observed, step: S): boolean;
  describe(step: S): string;
}

const always = (): undefined => undefined;
const unless = (holds: boolean, complaint: string): string | undefined => (holds ? undefined : complaint);
const bootedEntry = (observed: Observed): EntryName | undefined => bootedDeployment(observed.os.deployments)?.entry;

export const STEP_TABLE: { readonly [K in StepKind]: StepRow<StepOf<K>> } = {
  wait: {
    precondition: always,
    expected: observed => observed,
    reached: () => true,
    describe: ({ message }) => `wait: ${message}`,
  },

  'fetch-capsule': {
    precondition: always,
    expected: (observed, { capsule }) => ({
      ...observed,
      fetched: { ...observed.fetched, capsules: [...observed.fetched.capsules, capsule.sha256] },
    }),
    reached: (observed, { capsule }) => observed.fetched.capsules.includes(capsule.sha256),
    describe: ({ capsule }) => `fetch capsule ${short(capsule.sha256)} (${formatBytes(capsule.sizeBytes)})`,
  },

  'pull-commit': {
    precondition: always,
    expected: (observed, { source }) => ({
      ...observed,
      fetched: { ...observed.fetched, commits: [...observed.fetched.commits, source.commit] },
    }),
    reached: (observed, { source }) => observed.fetched.commits.includes(source.commit),
    describe: ({ source }) => `pull commit ${short(source.commit)} of ${source.remote}:${source.ref}`,
  },

  'arm-trial': {
    precondition: ({ firmware: { trial, variablesWritable } }) =>
      unless(variablesWritable, 'efivarfs takes no writes') ??
      unless(trial === undefined || !isOnTrial(trial), 'the running firmware is already on trial'),
    expected: (observed, { maxCount }) => ({
      ...observed,
      firmware: { ...observed.firmware, trial: armTrial(observed.firmware.trial ?? NEW_TRIAL_BOOT, maxCount) },
    }),
    reached: ({ firmware: { trial } }, { maxCount }) =>
      trial !== undefined && trialMaxCount(trial) === maxCount && trialCount(trial) === 0,
    describe: ({ maxCount }) => `arm the firmware's trial for ${maxCount} boots`,
  },

  'place-capsule': {
    precondition: (observed, { capsule }) =>
      unless(observed.esp.writable, 'the ESP takes no writes') ??
      unless(observed.fetched.capsules.includes(capsule.sha256), 'the capsule is not fetched') ??
      unless(
        !asksForCapsuleDelivery(observed.firmware.osIndications ?? 0n),
        'the firmware is already asked to take capsules',
      ),
    expected: (observed, { capsule }) => ({
      ...observed,
      esp: {
        ...observed.esp,
        capsules: [...observed.esp.capsules, capsule].sort((a, b) => (a.fileName < b.fileName ? -1 : 1)),
      },
    }),
    reached: (observed, { capsule }) => isPlaced(capsule, observed.esp.capsules),
    describe: ({ capsule }) => `place ${capsule.fileName} on the ESP`,
  },

  'request-capsule': {
    precondition: ({ firmware, esp }) =>
      unless(firmware.variablesWritable, 'efivarfs takes no writes') ??
      unless(esp.capsules.length > 0, 'no capsule is placed'),
    expected: observed => ({
      ...observed,
      firmware: { ...observed.firmware, osIndications: withCapsuleDelivery(observed.firmware.osIndications ?? 0n) },
    }),
    reached: ({ firmware }) => asksForCapsuleDelivery(firmware.osIndications ?? 0n),
    describe: () => 'ask the firmware to take the capsule at the next boot',
  },

  reboot: {
    precondition: always,
    expected: observed => powerOn(observed, {}),
    reached: () => true,
    describe: ({ purpose }) => REBOOT_PURPOSES[purpose],
  },

  'deploy-commit': {
    precondition: (observed, { source }) =>
      unless(observed.fetched.commits.includes(source.commit), 'the commit is not pulled') ??
      unless(wayBack(observed, {}) !== undefined || isBlessed(observed), 'no deployment is blessed to fall back to'),
    expected: withNewDeployment,
    reached: (observed, { source }) => {
      const deployed = pendingDeployment(source.commit, observed);
      const safe = deployed?.entry?.triesLeft !== undefined || observed.os.heldEntryId !== undefined;
      return deployed !== undefined && safe;
    },
    describe: ({ source }) => `deploy commit ${short(source.commit)} beside the running one`,
  },

  'arm-boot-counting': {
    precondition: (observed, { commit }) =>
      unless(
        pendingDeployment(commit, observed) !== undefined,
        'the commit is not deployed in front of the running one',
      ),
    expected: (observed, { commit, tries }) => {
      const pending = pendingDeployment(commit, observed);
      const counted = (entry: EntryName) => (entry.triesLeft === undefined ? countedEntry(entry, tries) : entry);
      return holding(
        withEntry(observed, deployment => deployment === pending, counted),
        undefined,
      );
    },
    reached: (observed, { commit }) =>
      pendingDeployment(commit, observed)?.entry?.triesLeft !== undefined && observed.os.heldEntryId === undefined,
    describe: ({ commit, tries }) => `give commit ${short(commit)} ${tries} tries`,
  },

  'check-health': {
    precondition: always,
    expected: observed => observed,
    reached: () => true,
    describe: ({ checks, deadlineMs }) =>
      `check health (${checks.map(({ name }) => name).join(', ')}) within ${formatDuration(deadlineMs)}`,
  },

  'bless-boot': {
    precondition: observed => unless(bootedEntry(observed) !== undefined, 'the booted entry is not known'),
    expected: observed => withEntry(observed, ({ booted }) => booted, blessedEntry),
    reached: isBlessed,
    describe: () => 'bless the running OS',
  },

  'commit-firmware': {
    precondition: (observed, { version }) =>
      unless(
        observed.firmware.esrt?.fwVersion === version,
        `firmware ${formatFirmwareVersion(version)} is not what runs`,
      ) ?? unless(isBlessed(observed), 'the running OS is not blessed'),
    expected: observed => {
      const { trial } = observed.firmware;
      return trial === undefined
        ? observed
        : { ...observed, firmware: { ...observed.firmware, trial: commitTrial(trial) } };
    },
    reached: ({ firmware: { trial } }) => trial === undefined || !isOnTrial(trial),
    describe: ({ version }) =>
      `commit firmware ${formatFirmwareVersion(version)}: from the next power-on it can not go back`,
  },

  'mark-boot-bad': {
    precondition: (observed, { commit, fallbackEntryId }) =>
      unless(bootedDeployment(observed.os.deployments)?.commit === commit, 'the commit is not running') ??
      unless(fallbackEntryId !== undefined, 'there is no blessed deployment to fall back to'),
    expected: (observed, { fallbackEntryId }) =>
      holding(
        withEntry(observed, ({ booted }) => booted, badEntry),
        fallbackEntryId,
      ),
    reached: (observed, { fallbackEntryId }) =>
      bootedEntry(observed)?.triesLeft === 0 && observed.os.heldEntryId === fallbackEntryId,
    describe: ({ commit }) => `mark commit ${short(commit)} bad`,
  },

  'request-firmware-rollback': {
    precondition: ({ firmware: { trial, variablesWritable } }) =>
      unless(variablesWritable, 'efivarfs takes no writes') ??
      unless(trial !== undefined && isOnTrial(trial), 'the firmware is not on trial'),
    expected: observed => {
      const { trial } = observed.firmware;
      return trial === undefined
        ? observed
        : { ...observed, firmware: { ...observed.firmware, trial: requestRollback(trial) } };
    },
    reached: ({ firmware: { trial } }) => trial !== undefined && isRollbackRequested(trial),
    describe: () => 'ask the firmware to go back at the next boot',
  },

  'clean-up': {
    precondition: (observed, step) =>
      unless(
        !observed.os.deployments.some(deployment => deployment.booted && isLeftover(deployment, step)),
        'the running deployment is never removed',
      ),
    expected: (observed, step) => cleanedUp(observed, step),
    reached: (observed, { leftovers, ...step }) =>
      !observed.esp.capsules.some(({ fileName }) => leftovers.capsuleFileNames.includes(fileName)) &&
      !(leftovers.capsuleRequest && asksForCapsuleDelivery(observed.firmware.osIndications ?? 0n)) &&
      !observed.os.deployments.some(deployment => isLeftover(deployment, { ...step, leftovers })) &&
      !(leftovers.heldEntry && observed.os.heldEntryId !== undefined),
    describe: ({ leftovers }) => `clean up ${describeLeftovers(leftovers)}`,
  },
};

const REBOOT_PURPOSES = {
  'apply-capsule': 'reboot, so that the firmware takes the capsule',
  'try-commit': 'reboot into the new OS',
  'retry-commit': 'reboot, so that the new OS is tried again or the loader falls back',
  'fall-back': 'reboot into the old OS',
  'roll-back-firmware': 'reboot, so that the firmware goes back',
} satisfies Record<StepOf<'reboot'>['purpose'], string>;

function isBlessed(observed: Observed): boolean {
  const entry = bootedEntry(observed);
  return entry !== undefined && entryState(entry) === 'good';
}

const describeLeftovers = ({
  capsuleFileNames,
  capsuleRequest,
  deployments,
  heldEntry,
}: StepOf<'clean-up'>['leftovers']): string =>
  [
    ...capsuleFileNames,
    ...(capsuleRequest ? ['the request for capsules'] : []),
    ...deployments.map(({ commit }) => `deployment ${short(commit)}`),
    ...(heldEntry ? ["the loader's hold"] : []),
  ].join(', ');

const short = (digest: OstreeCommit | string): string => digest.slice(0, 10);

/** A row is only ever asked about steps of its own kind; this is where TypeScript is told so. */
const rowOf = (step: Step): StepRow<Step> => STEP_TABLE[step.kind] as StepRow<Step>;

export const preconditionOf = (step: Step, observed: Observed): string | undefined =>
  rowOf(step).precondition(observed, step);
export const expectedOf = (step: Step, observed: Observed): Observed => rowOf(step).expected(observed, step);
export const isReached = (step: Step, observed: Observed): boolean => rowOf(step).reached(observed, step);
export const describeStep = (step: Step): string => rowOf(step).describe(step);
export const STEP_KINDS = Object.keys(STEP_TABLE) as readonly StepKind[]; // total by its type
