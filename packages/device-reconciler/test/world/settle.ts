// Passes of the real code over a fake board until it rests, with reboots and power cuts on the way.

import type { Inference, PlanTarget, Step } from '@seatrial/capsule-plan';
import { reconcileOnce } from '../../src/app/reconcile-once.ts';
import type { PassResult } from '../../src/domain/pass-result.ts';
import type { Ports } from '../../src/ports/ports.ts';
import type { FakeBoard } from './fake-board.ts';
import { PowerCut } from './power.ts';

export interface Settled {
  readonly inference: Inference;
  readonly steps: readonly Step['kind'][];
  readonly passes: number;
  /** How often power failed on the way. */
  readonly cuts: number;
}

const MOST_PASSES = 150;

export interface OnePass {
  readonly result: PassResult | 'power-cut';
  readonly inference: Inference | undefined;
  readonly taken: Step['kind'] | undefined;
}

export async function passOnce(
  board: FakeBoard,
  target: PlanTarget,
  { expired = false, ports = board.ports }: { expired?: boolean; ports?: Ports } = {},
): Promise<OnePass> {
  let inference: Inference | undefined;
  let taken: Step['kind'] | undefined;
  try {
    const result = await reconcileOnce({
      ports,
      target,
      expired,
      pollMs: 1_000,
      healthRetryMs: 1_000,
      signal: new AbortController().signal,
      onLook: look => {
        inference = look.inference;
      },
      onNews: news => {
        if (news.kind === 'started') taken = news.step.kind;
      },
    });
    return { result, inference, taken };
  } catch (error) {
    if (error instanceof PowerCut) return { result: 'power-cut', inference, taken };
    throw error;
  }
}

/** Until the board is converged or has failed; throws when it does not come to rest. */
export async function settle(board: FakeBoard, target: PlanTarget): Promise<Settled> {
  const steps: Step['kind'][] = [];
  let cuts = 0;
  for (let passes = 1; passes <= MOST_PASSES; passes += 1) {
    const { result, inference, taken } = await passOnce(board, target);
    if (taken !== undefined) steps.push(taken);
    if (result === 'power-cut') cuts += 1;
    if (result === 'power-cut' || result.kind === 'rebooting') board.powerCycle();
    else if (result.kind === 'done' && inference !== undefined) return { inference, steps, passes, cuts };
    else if (result.kind === 'requeueAfter') board.timer.pass(result.afterMs);
    else if (result.kind === 'retry') board.timer.pass(1_000);
    else if (result.kind === 'terminal') throw result.error;
  }
  throw new Error(`no rest after ${MOST_PASSES} passes: ${steps.slice(-8).join(', ')}`);
}
