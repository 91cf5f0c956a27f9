// The board's conditions where inference has nothing to say: a pass that failed, and a board without a plan.

import { type Condition, type Millis, setCondition } from '@seatrial/spec';
import { errorRow, type PortError } from '../errors.ts';

type Trio = readonly Omit<Condition, 'lastTransitionTime'>[];

/** False ones first: setting one that is True may drop the one that it excludes. */
const apply = (next: Trio, previous: readonly Condition[], nowMs: Millis): readonly Condition[] =>
  [...next]
    .sort((a, b) => Number(a.status === 'True') - Number(b.status === 'True'))
    .reduce((conditions, condition) => setCondition(conditions, condition, nowMs), previous);

/** Terminal failures stall the board; all others are being worked on. */
export function conditionsOfError(
  error: PortError,
  previous: readonly Condition[],
  nowMs: Millis,
): readonly Condition[] {
  const { class: errorClass, reason } = errorRow(error.code);
  const holds = errorClass === 'terminal' ? 'Stalled' : 'Reconciling';
  const { message } = error;
  const trio: Trio = (['Ready', 'Reconciling', 'Stalled'] as const).map(type => ({
    type,
    status: type === holds ? 'True' : 'False',
    reason,
    message,
  }));
  return apply(trio, previous, nowMs);
}

export const conditionsWithoutPlan = (previous: readonly Condition[], nowMs: Millis): readonly Condition[] =>
  apply(
    (['Ready', 'Reconciling', 'Stalled'] as const).map(type => ({
      type,
      status: type === 'Ready' ? 'Unknown' : 'False',
      reason: 'NoPlan',
      message: 'the board has not been given a plan',
    })),
    previous,
    nowMs,
  );
