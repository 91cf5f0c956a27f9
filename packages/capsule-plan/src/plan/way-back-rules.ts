// The rules of the way back: the new OS is left, then the old firmware is restored. The pair goes back together.

import type { OstreeCommit } from '@seatrial/spec';
import { entryState } from '../boot/boot-counting.ts';
import { bootedDeployment } from '../boot/deployment.ts';
import { isRollbackRequested } from '../firmware/trial-boot.ts';
import { rebootWhenAllowed } from './holds.ts';
import type { Attempt, Pair } from './journal.ts';
import type { Observed } from './observed.ts';
import type { PlanTarget } from './plan.ts';
import { changesFirmware, changesOs, type Situation, wayBack } from './situation.ts';
import type { Step } from './step.ts';

/** The new OS is running: it is given up and left. */
export function leaveNewOs({ observed, target, running }: Situation, attempt: Attempt): Step | undefined {
  if (!changesOs(attempt) || running.os === undefined || running.os !== attempt.to.os) return undefined;
  return leaveBootedOs(observed, target, { commit: running.os, from: attempt.from });
}

/** Exhausted, and the loader held to the way back: some loaders boot an exhausted entry all the same. */
export function leaveBootedOs(
  observed: Observed,
  target: PlanTarget,
  { commit, from }: { commit: OstreeCommit; from: Pair },
): Step {
  const entry = bootedDeployment(observed.os.deployments)?.entry;
  const back = wayBack(observed, from)?.entry;
  const marked =
    entry !== undefined && entryState(entry) === 'bad' && back !== undefined && observed.os.heldEntryId === back.id;
  return marked
    ? rebootWhenAllowed(observed, target, 'fall-back')
    : { kind: 'mark-boot-bad', commit, ...(back === undefined ? {} : { fallbackEntryId: back.id }) };
}

/** The new firmware is still on trial: UEFI is asked to restore the old one. */
export function restoreFirmware({ observed, target, onTrial, running }: Situation, attempt: Attempt): Step | undefined {
  const { trial } = observed.firmware;
  if (!changesFirmware(attempt) || !onTrial || trial === undefined || running.firmware !== attempt.to.firmware)
    return undefined;
  return isRollbackRequested(trial)
    ? rebootWhenAllowed(observed, target, 'roll-back-firmware')
    : { kind: 'request-firmware-rollback' };
}
