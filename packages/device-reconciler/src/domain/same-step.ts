// When two inferences ask for the same thing.

import type { Step } from '@seatrial/capsule-plan';

/** Steps are plain values without bigints: equal texts are equal steps. */
export const isSameStep = (a: Step | undefined, b: Step | undefined): boolean =>
  a !== undefined && b !== undefined && JSON.stringify(a) === JSON.stringify(b);
