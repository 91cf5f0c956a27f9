// The decision: what a board does next, given what is seen, what is wanted and what is remembered.
//
// One step at a time, and always a safe one: whatever happens after it, a look at the board leads on. The rules read like
// the transaction itself (capsule, reboot, commit, reboot, health, bless, commit the firmware), with the way back first:
// an attempt that has failed is undone before anything else is thought of.

import {
  check,
  discardTriedDeployment,
  fetch,
  installFirmware,
  installOs,
  leaveOldFirmware,
  proveAndBless,
  proveAndCommitFirmware,
  refuseStrangeTrial,
  tidyUp,
} from './forward-rules.ts';
import { type Attempt, type Failure, failedBefore, type Journal } from './journal.ts';
import { attemptLeftovers, capsuleLeftovers, cleanUp } from './leftovers.ts';
import type { Observed } from './observed.ts';
import type { PlanTarget } from './plan.ts';
import { assess, type Situation } from './situation.ts';
import type { Step } from './step.ts';
import { leaveNewOs, restoreFirmware } from './way-back-rules.ts';

export type Inference =
  | { readonly kind: 'step'; readonly step: Step }
  /** The board runs what is wanted, proven and accepted; there is nothing to do and nothing to write. */
  | { readonly kind: 'converged' }
  /** This very attempt failed before and the board is at rest again; only a new target or a retry changes that. */
  | { readonly kind: 'failed'; readonly failure: Failure };

/** Names the step that a situation calls for, or passes. */
type Rule = (situation: Situation) => Step | undefined;

/** The transaction in its order. The first rule that does not pass decides. */
const FORWARD: readonly Rule[] = [
  refuseStrangeTrial,
  leaveOldFirmware,
  proveAndBless,
  proveAndCommitFirmware,
  discardTriedDeployment,
  check,
  fetch,
  installFirmware,
  installOs,
  tidyUp,
];

/** First nothing more may be applied, then the old OS, then nothing new may boot, then the old firmware. */
const goBack = (attempt: Attempt, failure: Failure): readonly Rule[] => [
  situation => cleanUp(capsuleLeftovers(situation)),
  situation => leaveNewOs(situation, attempt),
  situation => cleanUp(attemptLeftovers(situation, attempt)),
  situation => (failure.reason === 'firmware-cannot-go-back' ? undefined : restoreFirmware(situation, attempt)),
];

/** Expects a journal that has learned from the same look. */
export function inferStep(observed: Observed, target: PlanTarget, journal: Journal): Inference {
  const situation = assess(observed, target, journal);
  const failed = failedBefore(journal, target);
  const open = journal.attempt;
  if (open?.failure !== undefined) return toInference(firstStep(goBack(open, open.failure), situation), open.failure);
  if (failed !== undefined && open === undefined) return toInference(tidyUp(situation), failed.failure);
  return toInference(firstStep(FORWARD, situation));
}

const firstStep = (rules: readonly Rule[], situation: Situation): Step | undefined => {
  for (const rule of rules) {
    const step = rule(situation);
    if (step !== undefined) return step;
  }
  return undefined;
};

const toInference = (step: Step | undefined, failure?: Failure): Inference => {
  if (step !== undefined) return { kind: 'step', step };
  return failure === undefined ? { kind: 'converged' } : { kind: 'failed', failure };
};
