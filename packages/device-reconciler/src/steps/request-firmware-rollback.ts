// Asks UEFI to restore the old firmware at the next power-on, by using the trial's boots up.
//
// One write of one variable, in the width it was read in.

import { requestRollback } from '@seatrial/capsule-plan';
import { PortError } from '../errors.ts';
import type { Executor } from './executor.ts';
import { readTrialBoot, writeTrialBoot } from './variables.ts';

export const requestFirmwareRollback: Executor<'request-firmware-rollback'> = async (
  _step,
  { ports: { efiVariables }, target },
) => {
  const id = target.board.trialVariable;
  const trial = await readTrialBoot(efiVariables, id);
  if (trial === undefined) throw new PortError('efi-variable-malformed', id.name, { detail: 'the variable is gone' });
  await writeTrialBoot(efiVariables, id, requestRollback(trial));
  return undefined;
};
