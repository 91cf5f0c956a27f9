// Approval: a statement in git that a role lets a release into a stage of a fleet.

import { z } from 'zod';
import { LIMITS } from '../limits.ts';
import { documentOf } from './document.ts';
import { line, name } from './text.ts';

export const Approval = documentOf(
  'Approval',
  z.strictObject({
    fleet: name.describe('The Fleet whose rollout goes on.'),
    release: name.describe('The Release that is approved, and no other.'),
    role: name.describe('In whose name; the TrustRoot says whose keys that is.'),
    stage: z.int().min(1).max(LIMITS.stages).describe('The stage that may start, from 1.'),
    by: line.describe('The person, for the record.'),
  }),
);
/** `by`, in the name of `role`, lets `release` enter stage `stage` (from 1) of `fleet`. */
export type Approval = z.output<typeof Approval>;
