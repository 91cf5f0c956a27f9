// The failures of the controller's parts under the controller's own codes.

import { errorRow, PortError } from '@seatrial/controller/audit';
import { ForeignError } from './errors.ts';

/** Whatever else goes wrong is passed on as it is. */
export async function orControllerFailure<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof PortError)) throw error;
    const { code, message } = error;
    throw new ForeignError({ code, message, remedy: errorRow(code).remedy });
  }
}
