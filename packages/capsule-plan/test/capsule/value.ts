// Takes the value out of a Result in a test, or fails it with the error.

import type { Result } from '@seatrial/spec';

export function value<T, E>(result: Result<T, E>): T {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}
