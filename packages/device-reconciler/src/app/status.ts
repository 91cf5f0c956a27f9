// What an engineer on the board wants to know: where it stands, and what keeps it from moving. Looks, and changes nothing.

import {
  type ClosedGate,
  closedGates,
  type Failure,
  type Inference,
  inferStep,
  type Journal,
  learn,
  type Observed,
  type Phase,
  type Plan,
  type PreviewedStep,
  phaseOf,
  preview,
  type WindowState,
  windowState,
} from '@seatrial/capsule-plan';
import type { Condition } from '@seatrial/spec';
import { conditionsWithoutPlan } from '../domain/conditions.ts';
import type { AgentConfig } from '../domain/config.ts';
import { NEW_RECORD, parseLifecycleRecord } from '../domain/lifecycle-record.ts';
import { afterLook, standingBefore } from '../domain/standing.ts';
import type { Ports } from '../ports/ports.ts';
import { readJournal } from './journal-record.ts';
import { observe, scopeOfHints, scopeOfTarget } from './observe.ts';
import { isExpired, type PlanIntake } from './plan-intake.ts';

export interface BoardStatus {
  readonly device: string;
  readonly phase: Phase;
  readonly conditions: readonly Condition[];
  readonly plan: Plan | undefined;
  readonly expired: boolean;
  readonly observed: Observed;
  readonly journal: Journal;
  readonly inference: Inference | undefined;
}

export interface StatusOptions {
  readonly config: AgentConfig;
  readonly ports: Ports;
  readonly intake: PlanIntake;
}

/** Fails with what a look fails with. */
export async function boardStatus({ config, ports, intake }: StatusOptions): Promise<BoardStatus> {
  const plan = intake.current();
  const observed = await observe(ports, plan === undefined ? scopeOfHints(config.board) : scopeOfTarget(plan));
  const kept = await readJournal(ports);
  const base = {
    device: config.device,
    plan,
    observed,
    expired: plan !== undefined && isExpired(plan, ports.timer.now()),
  };
  if (plan === undefined) {
    const conditions = conditionsWithoutPlan([], observed.clock.nowMs);
    return { ...base, phase: 'idle', conditions, journal: kept, inference: undefined };
  }
  const journal = learn(observed, plan, kept);
  const inference = inferStep(observed, plan, journal);
  const before = parseLifecycleRecord((await ports.records.read('lifecycle')) ?? '') ?? NEW_RECORD;
  const { conditions } = afterLook(standingBefore(before.phase, before.conditions), { observed, journal, inference });
  return { ...base, phase: phaseOf(inference, journal), conditions, journal, inference };
}

/** Everything that stands between the board and its plan. */
export interface Explanation {
  readonly status: BoardStatus;
  /** Undefined without a plan. */
  readonly window: WindowState | undefined;
  readonly closedGates: readonly ClosedGate[];
  /** Why this very plan will not be tried again by itself. */
  readonly failure: Failure | undefined;
  /** What will happen when nothing holds it up. */
  readonly next: readonly PreviewedStep[];
}

export function explain(status: BoardStatus): Explanation {
  const { plan, observed, journal, inference } = status;
  if (plan === undefined || inference === undefined) {
    return { status, window: undefined, closedGates: [], failure: undefined, next: [] };
  }
  return {
    status,
    window: windowState(plan.policy.windows, observed.clock),
    closedGates: closedGates(plan.policy.gates, observed.facts),
    failure: inference.kind === 'failed' ? inference.failure : journal.attempt?.failure,
    next: preview(observed, plan, journal).steps,
  };
}
