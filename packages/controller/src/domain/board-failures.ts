// When a board's change of standing is a decision: a board that a rollout moved is counted as failed, once for each try.

import type { DeviceId } from '@seatrial/spec';
import { idOf } from './boards.ts';
import type { Decision, RecordedDecision, RolloutId } from './decision.ts';
import type { Change } from './diff.ts';
import { assignmentOf, type Ledger, roleIn } from './ledger.ts';
import { naming } from './rollout-record.ts';

/** Undefined unless the change makes the board count as failed in its fleet's rollout for the first time. */
export function boardFailure(
  ledger: Ledger,
  { row, after }: Change,
  verdict?: { readonly reason: string; readonly message: string },
): Decision | undefined {
  if (after !== 'failed' && after !== 'overdue') return undefined;
  const device = idOf(ledger.boards, row);
  const assignment = assignmentOf(ledger, device);
  const rollout = assignment && ledger.rollouts.get(assignment.entry.fleet.name);
  if (rollout === undefined || assignment?.pin !== undefined || roleIn(ledger, rollout, row) !== 'moved')
    return undefined;
  const attempt = ledger.boards.attempt[row] ?? 1;
  const key = failureKey(device, rollout.id, attempt);
  if (ledger.told.has(key)) return undefined;
  ledger.told.add(key);
  const { reason, message } = after === 'failed' ? (verdict ?? known(device)) : overdue(device);
  return { kind: 'board-failed', ...naming(rollout), device, attempt, reason, message };
}

const overdue = (device: DeviceId) => ({
  reason: 'overdue',
  message: `${device} did not finish within the device timeout`,
});

/** Its last report says so, from an earlier rollout of the same payload. */
const known = (device: DeviceId) => ({ reason: 'failed-before', message: `${device} has failed this payload before` });

/** In one rollout a board fails once for each try. */
const failureKey = (device: DeviceId, rollout: RolloutId, attempt: number): string => `${device} ${rollout} ${attempt}`;

/** The keys of failures that were decided before. */
export const failuresTold = (decisions: readonly RecordedDecision[]): readonly string[] =>
  decisions.flatMap(({ decision }) =>
    decision.kind === 'board-failed' ? [failureKey(decision.device, decision.rollout, decision.attempt)] : [],
  );
