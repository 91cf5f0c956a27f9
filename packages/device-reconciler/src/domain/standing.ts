// What the agent holds true between two looks, and how each piece of news changes it.

import {
  conditionsOf,
  type Inference,
  type Journal,
  type Observed,
  type Phase,
  type Progress,
  phaseOf,
  type Step,
} from '@seatrial/capsule-plan';
import type { Condition, Millis } from '@seatrial/spec';
import type { PortError } from '../errors.ts';
import { conditionsOfError, conditionsWithoutPlan } from './conditions.ts';
import type { PassNews } from './pass-result.ts';
import { isSameStep } from './same-step.ts';

export interface Standing {
  readonly phase: Phase;
  readonly conditions: readonly Condition[];
  /** Undefined until the first look. */
  readonly seen: { readonly observed: Observed; readonly journal: Journal } | undefined;
  readonly step: Step | undefined;
  readonly progress: Progress | undefined;
  /** The step that failed last: until it succeeds or another is due, its error is what is told. */
  readonly troubled: Step | undefined;
}

export const standingBefore = (phase: Phase, conditions: readonly Condition[]): Standing => ({
  phase,
  conditions,
  seen: undefined,
  step: undefined,
  progress: undefined,
  troubled: undefined,
});

type Seen = NonNullable<Standing['seen']>;

export function afterLook(
  standing: Standing,
  { observed, journal, inference }: Seen & { readonly inference: Inference },
): Standing {
  const step = inference.kind === 'step' ? inference.step : undefined;
  const stillTroubled = isSameStep(step, standing.troubled);
  return {
    phase: phaseOf(inference, journal),
    conditions: stillTroubled
      ? standing.conditions
      : conditionsOf(inference, standing.conditions, observed.clock.nowMs),
    seen: { observed, journal },
    step,
    progress: undefined,
    troubled: stillTroubled ? standing.troubled : undefined,
  };
}

export const afterLookWithoutPlan = (standing: Standing, seen: Seen): Standing => ({
  ...standingBefore('idle', conditionsWithoutPlan(standing.conditions, seen.observed.clock.nowMs)),
  seen,
});

export function afterNews(standing: Standing, news: PassNews): Standing {
  switch (news.kind) {
    case 'started':
      return standing;
    case 'progress': {
      const { done, total, unit } = news;
      return { ...standing, progress: { done, total, unit } };
    }
    case 'done':
      return { ...standing, troubled: undefined };
    case 'failed':
      return { ...standing, troubled: news.step };
  }
}

export const afterFailure = (standing: Standing, error: PortError, nowMs: Millis): Standing => ({
  ...standing,
  conditions: conditionsOfError(error, standing.conditions, nowMs),
  // A pass may fail before there is a step: then the step that was due before is still the one in trouble.
  troubled: standing.troubled ?? standing.step,
});
