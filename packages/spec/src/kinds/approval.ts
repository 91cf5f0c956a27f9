// Approval: a statement in git that a role lets a release into a stage of a fleet.

import { z } from 'zod';
import { LIMITS } from '../limits.ts';
import { documentOf } from './document.ts';
import { line, name } from './text.ts';

export const Approval = documentOf(
  'Approval',
  z.strictObject({
    fleet: name,
    release: name,
    role: name,
    stage: z.int().min(1).max(LIMITS.stages),
    by: line,
  }),
);
/** `by`, in the name of `role`, lets `release` enter stage `stage` (from 1) of `fleet`. */
export type Approval = z.output<typeof Approval>;
