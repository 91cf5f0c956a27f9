// The UEFI variables that steps read, change in the bits that are ours, and write back in the width they were read in.

import {
  decodeOsIndications,
  decodeTrialBoot,
  EFI_GLOBAL_VARIABLE,
  encodeOsIndications,
  encodeTrialBoot,
  PERSISTENT_ATTRIBUTES,
  type TrialBoot,
} from '@seatrial/capsule-plan';
import { PortError } from '../errors.ts';
import type { EfiVariables, VariableId } from '../ports/efi-variables.ts';

export const OS_INDICATIONS: VariableId = { name: 'OsIndications', guid: EFI_GLOBAL_VARIABLE };
export const OS_INDICATIONS_SUPPORTED: VariableId = { name: 'OsIndicationsSupported', guid: EFI_GLOBAL_VARIABLE };

/** Undefined where the variable does not exist. Fails with `efi-variable-malformed`. */
export async function readTrialBoot(variables: EfiVariables, id: VariableId): Promise<TrialBoot | undefined> {
  const variable = await variables.read(id);
  if (variable === undefined) return undefined;
  const trial = decodeTrialBoot(variable.value);
  if (!trial.ok) throw new PortError('efi-variable-malformed', id.name);
  return trial.value;
}

/** One write; attributes stay as they are, a new variable gets persistent ones. */
export async function writeTrialBoot(variables: EfiVariables, id: VariableId, trial: TrialBoot): Promise<void> {
  const before = await variables.read(id);
  await variables.write(id, {
    attributes: before?.attributes ?? PERSISTENT_ATTRIBUTES,
    value: encodeTrialBoot(trial),
  });
}

/** Undefined where the variable does not exist. Fails with `efi-variable-malformed`. */
export async function readIndications(variables: EfiVariables, id: VariableId): Promise<bigint | undefined> {
  const variable = await variables.read(id);
  if (variable === undefined) return undefined;
  const bits = decodeOsIndications(variable.value);
  if (!bits.ok) throw new PortError('efi-variable-malformed', id.name);
  return bits.value;
}

export const writeIndications = (variables: EfiVariables, bits: bigint): Promise<void> =>
  variables.write(OS_INDICATIONS, { attributes: PERSISTENT_ATTRIBUTES, value: encodeOsIndications(bits) });
