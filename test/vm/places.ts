// Where things lie on this machine.

import { dirname, join } from 'node:path';

/** The checkout. */
export const HOUSE = dirname(dirname(import.meta.dirname));

/** Ignored by git; may be deleted at any time. */
export const WORKSHOP = join(HOUSE, '.seatrial/vm');

/** A folder for each run that is going on, named after its process. */
export const RUNS = join(WORKSHOP, 'runs');
