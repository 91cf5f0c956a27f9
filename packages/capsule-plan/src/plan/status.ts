// What inference means for a reader: the phase in one word, and the conditions that scripts wait for.

import { assertNever, type Condition, type Millis, setCondition } from '@seatrial/spec';
import type { Phase } from '../wire/report.ts';
import type { Inference } from './infer-step.ts';
import type { Journal } from './journal.ts';
import type { Step, StepKind } from './step.ts';
import { describeStep } from './step-table.ts';
import { isBlocked } from './wait-reasons.ts';

const PHASES = {
  wait: 'waiting',
  'fetch-capsule': 'fetching',
  'pull-commit': 'fetching',
  'arm-trial': 'installing',
  'place-capsule': 'installing',
  'request-capsule': 'installing',
  reboot: 'installing',
  'deploy-commit': 'installing',
  'arm-boot-counting': 'installing',
  'check-health': 'trial',
  'bless-boot': 'trial',
  'commit-firmware': 'trial',
  'mark-boot-bad': 'goingBack',
  'request-firmware-rollback': 'goingBack',
  'clean-up': 'installing',
} satisfies Record<StepKind, Phase>;

export function phaseOf(inference: Inference, journal: Journal): Phase {
  if (inference.kind !== 'step') return inference.kind;
  return journal.attempt?.failure === undefined ? PHASES[inference.step.kind] : 'goingBack';
}

type NewCondition = Omit<Condition, 'lastTransitionTime'>;

/** Ready, Reconciling and Stalled after one pass; transition times move only where a status changed. */
export function conditionsOf(
  inference: Inference,
  previous: readonly Condition[],
  nowMs: Millis,
): readonly Condition[] {
  return newConditions(inference).reduce((conditions, next) => setCondition(conditions, next, nowMs), previous);
}

function newConditions(inference: Inference): readonly NewCondition[] {
  switch (inference.kind) {
    case 'converged':
      return trio('Ready', 'Converged', 'the board runs what is wanted, proven and accepted');
    case 'failed':
      return trio('Stalled', pascalCase(inference.failure.reason), inference.failure.message);
    case 'step':
      return stepConditions(inference.step);
    default:
      return assertNever(inference, 'inference');
  }
}

function stepConditions(step: Step): readonly NewCondition[] {
  if (step.kind !== 'wait') return trio('Reconciling', pascalCase(step.kind), describeStep(step));
  return trio(isBlocked(step.reason) ? 'Stalled' : 'Reconciling', pascalCase(step.reason), step.message);
}

/** All three conditions, of which exactly one is True; false ones come first, since setting a true one may drop another. */
const trio = (which: Condition['type'], reason: string, message: string): readonly NewCondition[] => [
  ...(['Ready', 'Reconciling', 'Stalled'] as const)
    .filter(type => type !== which)
    .map(type => ({ type, status: 'False' as const, reason, message })),
  { type: which, status: 'True', reason, message },
];

/** `gate-battery` → `GateBattery`: the form that Kubernetes gives to reasons. */
export const pascalCase = (text: string): string =>
  text.replace(/(?:^|-)([a-zA-Z])/g, (_match, letter: string) => letter.toUpperCase());
