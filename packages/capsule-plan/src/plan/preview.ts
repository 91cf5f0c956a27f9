// What a board will do, told in advance: inference and `expected`, run to the fixed point.

import { InvariantError, type Millis } from '@seatrial/spec';
import { onNetwork, openFacts } from './gates.ts';
import { type Inference, inferStep } from './infer-step.ts';
import type { Failure, Journal } from './journal.ts';
import { learn } from './learn.ts';
import type { Observed } from './observed.ts';
import type { PlanTarget } from './plan.ts';
import { powerOn } from './power-on.ts';
import { recordHealth, remember } from './remember.ts';
import type { Step } from './step.ts';
import { describeStep, expectedOf } from './step-table.ts';
import { isBlocked } from './wait-reasons.ts';
import { EARLIEST_PLAUSIBLE_MS } from './window.ts';

export interface PreviewedStep {
  readonly step: Step;
  readonly description: string;
  /** The earliest moment, as far as windows and jitter tell. */
  readonly notBeforeMs: Millis;
}

export interface Preview {
  readonly steps: readonly PreviewedStep[];
  readonly ends: 'converged' | 'failed' | 'blocked';
  readonly failure?: Failure;
}

/** A transaction has about twenty steps; a preview that takes more has found a loop in the rules. */
const MOST_STEPS = 200;

/** Supposes that whatever is waited for comes, that artefacts arrive, and that both trials go well. */
export function preview(observed: Observed, target: PlanTarget, journal: Journal): Preview {
  const steps: PreviewedStep[] = [];
  let world = { observed, journal };
  while (steps.length < MOST_STEPS) {
    const learned = learn(world.observed, target, world.journal);
    const inference = inferStep(world.observed, target, learned);
    if (inference.kind !== 'step') return { steps, ...ending(inference) };
    const { step } = inference;
    steps.push({ step, description: describeStep(step), notBeforeMs: world.observed.clock.nowMs });
    if (isDeadEnd(step)) return { steps, ends: 'blocked' };
    world = walk(step, { observed: world.observed, journal: learned }, target);
  }
  throw new InvariantError(`no end after ${MOST_STEPS} steps, the last was ${steps.at(-1)?.description}`);
}

/** A wait that no passing of time ends: a complaint, or windows of which none will open again. */
const isDeadEnd = (step: Step): boolean =>
  step.kind === 'wait' && (isBlocked(step.reason) || (step.reason === 'window-closed' && step.untilMs === undefined));

const ending = (inference: Exclude<Inference, { kind: 'step' }>): Pick<Preview, 'ends' | 'failure'> =>
  inference.kind === 'converged' ? { ends: 'converged' } : { ends: 'failed', failure: inference.failure };

interface World {
  readonly observed: Observed;
  readonly journal: Journal;
}

/** The world after one step that went well. */
function walk(step: Step, { observed, journal }: World, target: PlanTarget): World {
  const remembered = remember(step, observed, target, journal);
  if (step.kind === 'wait') return { observed: afterWait(step, observed, target), journal: remembered };
  if (step.kind === 'reboot')
    return { observed: powerOn(observed, powerOnFacts(target, remembered)), journal: remembered };
  if (step.kind !== 'check-health') return { observed: expectedOf(step, observed), journal: remembered };
  const results = step.checks.map(({ name }) => ({ name, healthy: true, detail: 'expected' }));
  return { observed, journal: recordHealth(remembered, observed, target, results) };
}

const powerOnFacts = ({ payload }: PlanTarget, { attempt }: Journal) => ({
  ...(payload.firmware === undefined ? {} : { capsuleVersion: payload.firmware.version }),
  ...(attempt?.from.firmware === undefined ? {} : { previousVersion: attempt.from.firmware }),
});

function afterWait(
  { reason, untilMs }: Extract<Step, { kind: 'wait' }>,
  observed: Observed,
  { policy }: PlanTarget,
): Observed {
  const { clock, facts } = observed;
  if (untilMs !== undefined) return { ...observed, clock: { ...clock, nowMs: untilMs } };
  if (reason === 'clock-not-set') return { ...observed, clock: { ...clock, nowMs: EARLIEST_PLAUSIBLE_MS } };
  if (reason === 'download-network')
    return { ...observed, facts: { ...facts, ...onNetwork(policy.download.networks, facts) } };
  return { ...observed, facts: openFacts(policy.gates, facts) };
}
