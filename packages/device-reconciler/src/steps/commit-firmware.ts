// Accepts the running firmware: clears TrialBootEnabled and touches nothing else in the variable.
//
// One write of one variable. From the next power-on that finds the flag clear, UEFI never goes back: which is why an OS
// that is blessed comes first.

import { commitTrial } from '@seatrial/capsule-plan';
import { PortError } from '../errors.ts';
import type { Executor } from './executor.ts';
import { readTrialBoot, writeTrialBoot } from './variables.ts';

export const commitFirmware: Executor<'commit-firmware'> = async (_step, { ports: { efiVariables }, target }) => {
  const id = target.board.trialVariable;
  const trial = await readTrialBoot(efiVariables, id);
  if (trial === undefined) throw new PortError('efi-variable-malformed', id.name, { detail: 'the variable is gone' });
  await writeTrialBoot(efiVariables, id, commitTrial(trial));
  return undefined;
};
