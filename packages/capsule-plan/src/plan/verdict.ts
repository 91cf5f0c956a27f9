// The controller's own judgement of a report, from its evidence alone. The word "success" is never read.

import type { Report } from '../wire/report.ts';
import { inferStep } from './infer-step.ts';
import type { Journal } from './journal.ts';
import { learn } from './learn.ts';
import type { PlanTarget } from './plan.ts';
import type { Step } from './step.ts';
import { describeStep } from './step-table.ts';
import { isBlocked } from './wait-reasons.ts';

/**
 * pending: has not yet acted on this target. updating: on its way. gated: waits for window, gate or network.
 * blocked: cannot begin, for a reason somebody must remove. failed: tried, and went back. upToDate: proven.
 */
export type VerdictKind = 'upToDate' | 'pending' | 'updating' | 'gated' | 'blocked' | 'failed';

export interface Verdict {
  readonly kind: VerdictKind;
  /** A WaitReason, FailureReason or StepKind; `converged` when up to date, `plan-not-seen` when pending. */
  readonly reason: string;
  readonly message: string;
}

export type Evidence = Pick<Report, 'observed' | 'attempt' | 'success' | 'failures' | 'plan'>;

/**
 * Runs the board's own decision over what it observed. A board that claims to be done and shows a trial flag, a counter,
 * an old boot or another commit is not up to date, whatever it says.
 */
export function judgeReport(evidence: Evidence, target: PlanTarget): Verdict {
  const journal = journalOf(evidence);
  const learned = learn(evidence.observed, target, journal);
  const inference = inferStep(evidence.observed, target, learned);
  switch (inference.kind) {
    case 'converged':
      return convergedVerdict(evidence, target, learned);
    case 'failed':
      return { kind: 'failed', reason: inference.failure.reason, message: inference.failure.message };
    case 'step':
      return stepVerdict(inference.step, evidence, target);
  }
}

export const journalOf = ({ attempt, success, failures }: Evidence): Journal => ({
  schema: 1,
  ...(attempt === undefined ? {} : { attempt }),
  ...(success === undefined ? {} : { success }),
  failures,
});

/** Success is seen at a boot later than the one at which it was asked for. */
function convergedVerdict({ observed }: Evidence, target: PlanTarget, { success }: Journal): Verdict {
  const earned = success?.payloadHash === target.payloadHash ? success : undefined;
  if (earned?.requestedAt.includes(observed.bootId)) {
    return { kind: 'updating', reason: 'reboot', message: 'the board has not rebooted since it asked for the update' };
  }
  return { kind: 'upToDate', reason: 'converged', message: 'the board runs what is wanted, proven and accepted' };
}

function stepVerdict(step: Step, { plan, attempt }: Evidence, target: PlanTarget): Verdict {
  if (step.kind === 'wait') {
    return { kind: isBlocked(step.reason) ? 'blocked' : 'gated', reason: step.reason, message: step.message };
  }
  const seen = plan?.payloadHash === target.payloadHash && plan.attempt === target.attempt;
  if (!seen && attempt === undefined)
    return { kind: 'pending', reason: 'plan-not-seen', message: 'the board has not yet taken up this plan' };
  return { kind: 'updating', reason: step.kind, message: describeStep(step) };
}
