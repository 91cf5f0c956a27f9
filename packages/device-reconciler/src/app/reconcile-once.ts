// One pass: look, learn, decide, and take one step at most.

import {
  type Inference,
  inferStep,
  isReached,
  type Journal,
  learn,
  type Observed,
  type PlanTarget,
  preconditionOf,
  recordHealth,
  remember,
  type Step,
  type StepKind,
} from '@seatrial/capsule-plan';
import { type PassNews, type PassResult, passFailed, pauseOf } from '../domain/pass-result.ts';
import { isSameStep } from '../domain/same-step.ts';
import { PortError } from '../errors.ts';
import type { Ports } from '../ports/ports.ts';
import { execute } from '../steps/executors.ts';
import { keepJournal, loadJournal } from './journal-record.ts';
import { observe, scopeOfTarget } from './observe.ts';
import { whileAllowed } from './while-allowed.ts';

/** What the board was seen to be, and what follows from it. */
export interface Look {
  readonly observed: Observed;
  readonly journal: Journal;
  readonly inference: Inference;
}

export interface PassOptions {
  readonly ports: Ports;
  readonly target: PlanTarget;
  /** The plan's time is over: what has begun is finished, nothing is begun. */
  readonly expired: boolean;
  readonly pollMs: number;
  readonly healthRetryMs: number;
  /** Ends steps in the background, and health checks when the agent stops. */
  readonly signal: AbortSignal;
  readonly onLook: (look: Look) => void;
  readonly onNews: (news: PassNews) => void;
}

/** Never throws what a board can be expected to meet; a broken promise of our own (InvariantError) does come out. */
export async function reconcileOnce(options: PassOptions): Promise<PassResult> {
  try {
    const look = await lookAndLearn(options.ports, options.target);
    options.onLook(look);
    const { inference } = look;
    if (inference.kind !== 'step' || inference.step.kind === 'wait') {
      return pauseOf(inference, look.observed.clock.nowMs, options.pollMs);
    }
    return await takeStep(inference.step, look, options);
  } catch (error) {
    if (error instanceof PortError) return passFailed(error);
    throw error;
  }
}

async function lookAndLearn(ports: Ports, target: PlanTarget): Promise<Look> {
  const observed = await observe(ports, scopeOfTarget(target));
  const known = await loadJournal(ports);
  const journal = learn(observed, target, known);
  await keepJournal(ports, journal, known);
  return { observed, journal, inference: inferStep(observed, target, journal) };
}

/** Steps that begin something; an expired plan may begin nothing. */
const BEGINNINGS: ReadonlySet<StepKind> = new Set([
  'fetch-capsule',
  'pull-commit',
  'arm-trial',
  'place-capsule',
  'request-capsule',
  'deploy-commit',
]);

async function takeStep(step: Step, look: Look, options: PassOptions): Promise<PassResult> {
  const { ports, target, onNews } = options;
  if (options.expired && look.journal.attempt === undefined && BEGINNINGS.has(step.kind)) {
    throw new PortError('plan-expired', 'the plan');
  }
  const observed = await observe(ports, scopeOfTarget(target));
  // A gate may have closed meanwhile: what is not decided again is not done.
  if (!isStillNext(step, inferStep(observed, target, look.journal))) return { kind: 'requeueAfter', afterMs: 0 };
  const complaint = preconditionOf(step, observed);
  if (complaint !== undefined) throw new PortError('world-moved', step.kind, { detail: complaint });
  const journal = remember(step, observed, target, look.journal);
  await keepJournal(ports, journal, look.journal);
  onNews({ kind: 'started', step });
  try {
    const result = await act(step, { observed, journal }, options);
    onNews({ kind: 'done', step });
    return result;
  } catch (error) {
    if (error instanceof PortError) onNews({ kind: 'failed', step, error });
    throw error;
  }
}

const isStillNext = (step: Step, inference: Inference): boolean =>
  inference.kind === 'step' && isSameStep(step, inference.step);

async function act(
  step: Step,
  { observed, journal }: Pick<Look, 'observed' | 'journal'>,
  options: PassOptions,
): Promise<PassResult> {
  const { ports, target, onNews, healthRetryMs } = options;
  const outcome = await whileAllowed(step, options, signal =>
    execute(step, {
      ports,
      target,
      observed,
      journal,
      signal,
      healthRetryMs,
      onProgress: progress => onNews({ kind: 'progress', step, ...progress }),
    }),
  );
  if (step.kind === 'reboot') return { kind: 'rebooting' };
  if (outcome !== undefined) {
    await keepJournal(ports, recordHealth(journal, observed, target, outcome.health), journal);
  }
  await demandReached(step, ports, target);
  return { kind: 'requeueAfter', afterMs: 0 };
}

async function demandReached(step: Step, ports: Ports, target: PlanTarget): Promise<void> {
  const after = await observe(ports, scopeOfTarget(target));
  if (!isReached(step, after)) throw new PortError('step-without-effect', step.kind);
}
