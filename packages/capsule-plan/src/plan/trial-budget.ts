// How many boots the firmware's trial must last for the OS to have its own.

import type { Payload, Policy } from '@seatrial/spec';

/** Boots to spare for a power cut or a watchdog that has nothing to do with the update. */
export const TRIAL_MARGIN_BOOTS = 1;

/**
 * TrialBootMaxCount for a payload: the first boot after the capsule, the tries of the new OS where both are on trial
 * together, the fallback boot in which we decide, and the margin. More than TRIAL_BOOT_LIMIT can not be stored.
 */
export function trialBootBudget({ payload, policy }: { readonly payload: Payload; readonly policy: Policy }): number {
  const together = payload.os !== undefined && payload.transaction === 'coupled';
  return 1 + (together ? policy.trial.bootTries + 1 : 0) + TRIAL_MARGIN_BOOTS;
}
