// Asks the firmware to take the capsules on the ESP at the next power-on.
//
// One write of one variable: the request stands or it does not. What others asked for through OsIndications stays.

import { withCapsuleDelivery } from '@seatrial/capsule-plan';
import type { Executor } from './executor.ts';
import { OS_INDICATIONS, readIndications, writeIndications } from './variables.ts';

export const requestCapsule: Executor<'request-capsule'> = async (_step, { ports: { efiVariables } }) => {
  const bits = (await readIndications(efiVariables, OS_INDICATIONS)) ?? 0n;
  await writeIndications(efiVariables, withCapsuleDelivery(bits));
  return undefined;
};
