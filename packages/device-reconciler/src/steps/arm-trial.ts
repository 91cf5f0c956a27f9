// Gives the firmware's trial its number of boots, before there is any capsule on the ESP.
//
// One write of one variable: before it nothing has happened, after it the trial is armed and still nothing has happened,
// for UEFI looks at the numbers only when it applies a capsule.

import { armTrial as armed, NEW_TRIAL_BOOT } from '@seatrial/capsule-plan';
import type { Executor } from './executor.ts';
import { readTrialBoot, writeTrialBoot } from './variables.ts';

export const armTrial: Executor<'arm-trial'> = async ({ maxCount }, { ports: { efiVariables }, target }) => {
  const id = target.board.trialVariable;
  const trial = (await readTrialBoot(efiVariables, id)) ?? NEW_TRIAL_BOOT;
  await writeTrialBoot(efiVariables, id, armed(trial, maxCount));
  return undefined;
};
