// How many boots the firmware's trial must last for the OS to have its own.

import { coupledTrialBoots, type Payload, type Policy } from '@seatrial/spec';

/** Firmware on trial by itself: the first boot after the capsule, in which it is judged, and one to spare. */
const LONE_TRIAL_BOOTS = 2;

/** TrialBootMaxCount for a payload. More than TRIAL_BOOTS_MAX can not be stored. */
export function trialBootBudget({
  payload,
  policy,
}: {
  readonly payload: Payload;
  readonly policy: Pick<Policy, 'trial'>;
}): number {
  const together = payload.os !== undefined && payload.transaction === 'coupled';
  return together ? coupledTrialBoots(policy.trial.bootTries) : LONE_TRIAL_BOOTS;
}
