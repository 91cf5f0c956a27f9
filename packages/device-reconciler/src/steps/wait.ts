// Waiting is not done by a step: the pass ends, and the loop comes back.

import { InvariantError } from '@seatrial/spec';
import type { Executor } from './executor.ts';

/** Throws InvariantError: nothing executes a wait. */
export const wait: Executor<'wait'> = async ({ reason }) => {
  throw new InvariantError(`a wait (${reason}) was to be executed`);
};
