// Where a rollout that has failed can go back to: the last thing that its fleet wanted and that did not fail.

import type { Rollout } from '../rollout.ts';

/** What stopped a rollout was its boards, not a person. */
export const hasFailed = ({ pause }: Rollout): boolean => pause !== undefined && pause.reason !== 'operator';

/**
 * The earlier rollout whose payload the fleet is to want again, given oldest first. Undefined where there is none, and where
 * the rollout returns to something itself that had been well before: its release is not what is wrong.
 */
export function goalOf(rollout: Rollout, earlier: readonly Rollout[]): Rollout | undefined {
  const isSame = ({ payloadHash }: Rollout) => payloadHash === rollout.payloadHash;
  if (earlier.some(one => isSame(one) && !hasFailed(one))) return undefined;
  const failed = new Set([rollout.payloadHash]);
  for (const one of earlier.toReversed()) {
    if (hasFailed(one)) failed.add(one.payloadHash);
    else if (one.outcome !== 'cancelled' && !failed.has(one.payloadHash)) return one;
  }
  return undefined;
}
