// How one pass ended, in the four ways that the loop knows, and what each means for the time until the next.

import type { Inference, Step } from '@seatrial/capsule-plan';
import { errorRow, type PortError } from '../errors.ts';

export type PassResult =
  /** At rest: converged, or failed for good. */
  | { readonly kind: 'done' }
  /** Look again after this time: a step was taken (0), or something is waited for. */
  | { readonly kind: 'requeueAfter'; readonly afterMs: number }
  /** A reboot was asked for; this process is about to end. */
  | { readonly kind: 'rebooting' }
  | { readonly kind: 'retry'; readonly error: PortError }
  /** Trying again would do harm: only a newer plan or a restart leads on. */
  | { readonly kind: 'terminal'; readonly error: PortError };

export const passFailed = (error: PortError): PassResult => ({
  kind: errorRow(error.code).class === 'terminal' ? 'terminal' : 'retry',
  error,
});

/** What a pass tells while it goes on. */
export type PassNews =
  | { readonly kind: 'started'; readonly step: Step }
  | {
      readonly kind: 'progress';
      readonly step: Step;
      readonly done: number;
      readonly total: number;
      readonly unit: 'bytes' | 'objects' | 'checks';
    }
  | { readonly kind: 'done'; readonly step: Step }
  | { readonly kind: 'failed'; readonly step: Step; readonly error: PortError };

/** The pause that an inference without an act asks for. Waits are looked at again at least once per poll. */
export function pauseOf(inference: Inference, nowMs: number, pollMs: number): PassResult {
  if (inference.kind !== 'step') return { kind: 'done' };
  const untilMs = inference.step.kind === 'wait' ? inference.step.untilMs : undefined;
  const left = untilMs === undefined ? pollMs : Math.max(1, untilMs - nowMs);
  return { kind: 'requeueAfter', afterMs: Math.min(pollMs, left) };
}
