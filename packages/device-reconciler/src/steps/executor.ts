// What every step executor is given, and what it may not do: decide. A precondition was checked a moment ago, and the
// outcome will be looked at; an executor only acts, and may be cut off at any line.

import type { HealthResult, Journal, Observed, PlanTarget, Progress, StepKind, StepOf } from '@seatrial/capsule-plan';
import type { Ports } from '../ports/ports.ts';

export interface StepContext {
  readonly ports: Ports;
  readonly target: PlanTarget;
  /** The look on which the precondition held. */
  readonly observed: Observed;
  readonly journal: Journal;
  readonly onProgress: (progress: Progress) => void;
  /** Aborts when the agent stops, and for steps in the background also when there is a newer plan. */
  readonly signal: AbortSignal;
  /** Between two rounds of health checks. */
  readonly healthRetryMs: number;
}

/** Only check-health has something to bring back: everything else can be looked at. */
export type StepOutcome = { readonly health: readonly HealthResult[] } | undefined;

/** Idempotent: done twice, or after any part of itself, it has the same effect. Fails with PortError. */
export type Executor<K extends StepKind> = (step: StepOf<K>, context: StepContext) => Promise<StepOutcome>;
