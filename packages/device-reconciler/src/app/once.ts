// A single pass without a controller: the plan that the board has, or one from a file.

import type { PlanRefusal, Step } from '@seatrial/capsule-plan';
import type { AgentConfig } from '../domain/config.ts';
import type { PassResult } from '../domain/pass-result.ts';
import { afterLook, afterLookWithoutPlan, type Standing, standingBefore } from '../domain/standing.ts';
import type { Ports } from '../ports/ports.ts';
import { onePass } from './one-pass.ts';
import type { PlanIntake } from './plan-intake.ts';

export interface OnceOptions {
  readonly config: AgentConfig;
  readonly ports: Ports;
  readonly intake: PlanIntake;
  /** A plan in its envelope; undefined for the one that the board has. */
  readonly message: Uint8Array | undefined;
  readonly signal: AbortSignal;
}

export type OnceResult =
  | { readonly kind: 'refused'; readonly why: PlanRefusal }
  | {
      readonly kind: 'passed';
      readonly result: PassResult;
      readonly standing: Standing;
      /** What was done; undefined where there was nothing to do but wait. */
      readonly taken: Step | undefined;
    };

/** Fails with what `PlanIntake.offer` fails with. */
export async function runOnce({ config, ports, intake, message, signal }: OnceOptions): Promise<OnceResult> {
  const offer = message === undefined ? undefined : await intake.offer(message);
  if (offer?.kind === 'refused') return { kind: 'refused', why: offer.why };
  let standing = standingBefore('idle', []);
  let taken: Step | undefined;
  const result = await onePass({
    ports,
    config,
    plan: intake.current(),
    signal,
    onLook: look => {
      standing = 'inference' in look ? afterLook(standing, look) : afterLookWithoutPlan(standing, look);
    },
    onNews: news => {
      if (news.kind === 'done') taken = news.step;
    },
  });
  return { kind: 'passed', result, standing, taken };
}
