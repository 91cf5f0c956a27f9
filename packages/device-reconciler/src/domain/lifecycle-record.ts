// What of the lifecycle survives a restart: the phase and the conditions that were last known. The world is believed over
// it; it only tells whether what is seen next was to be expected, and since when a condition holds.

import type { Phase } from '@seatrial/capsule-plan';
import { type Condition, millis } from '@seatrial/spec';
import { z } from 'zod';
import { PHASES } from './lifecycle.ts';

export interface LifecycleRecord {
  readonly schema: 1;
  readonly phase: Phase;
  readonly conditions: readonly Condition[];
}

export const NEW_RECORD: LifecycleRecord = { schema: 1, phase: 'idle', conditions: [] };

const RecordFile: z.ZodType<LifecycleRecord> = z.object({
  schema: z.literal(1),
  phase: z.enum(PHASES),
  conditions: z.array(
    z.object({
      type: z.enum(['Ready', 'Reconciling', 'Stalled']),
      status: z.enum(['True', 'False', 'Unknown']),
      reason: z.string(),
      message: z.string(),
      lastTransitionTime: z.number().transform(millis),
    }),
  ),
});

/** Undefined for text that is not a record of this schema. */
export function parseLifecycleRecord(text: string): LifecycleRecord | undefined {
  try {
    return RecordFile.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** Worth a write: the phase, or what holds and why. A message that only counts on is not. */
export const isSameRecord = (a: LifecycleRecord, b: LifecycleRecord): boolean => gist(a) === gist(b);

const gist = ({ phase, conditions }: LifecycleRecord): string =>
  [phase, ...conditions.map(({ type, status, reason }) => `${type}=${status}/${reason}`)].join(' ');
