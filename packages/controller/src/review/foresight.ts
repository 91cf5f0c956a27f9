// What one board would do after the change, and whether it would do so without it as well.

import {
  EARLIEST_PLAUSIBLE_MS,
  type Observed,
  type Pair,
  type Preview,
  type PreviewedStep,
  preview,
  runningPair,
  targetPair,
} from '@seatrial/capsule-plan';
import { type DeviceTarget, type Millis, millis } from '@seatrial/spec';
import { jitterOf } from '../domain/cohort.ts';
import { type BoardChange, boardPrint } from './changes.ts';
import { planTarget } from './fleet-preview.ts';
import { journalOf, type ObservedFleet, type SnapshotDevice } from './snapshot.ts';

/**
 * changing: would act, and would not without the change. staying: as before, or already there. blocked: can not begin.
 * failed: tried this very payload before. unobserved: nothing is known of it.
 */
export type Prospect = 'changing' | 'staying' | 'blocked' | 'failed' | 'unobserved';

export interface Foresight {
  readonly prospect: Prospect;
  readonly target: DeviceTarget;
  /** Absent for an unobserved board. */
  readonly seen?: SnapshotDevice;
  readonly from: Pair;
  readonly to: Pair;
  readonly preview: Preview;
  /** The change is why it would do so. */
  readonly asked: boolean;
  /** Runs what is wanted already, proven. */
  readonly isThere: boolean;
}

const NOTHING: Preview = { steps: [], ends: 'converged' };

/** Supposes that the plan reaches the board now. */
export function foresee({ target, before }: BoardChange, fleet: ObservedFleet, nowMs: Millis): Foresight {
  const seen = fleet.device(target.device);
  const asked = asksForMore(target, before);
  if (seen === undefined) {
    return {
      prospect: 'unobserved',
      target,
      from: {},
      to: targetPair(target),
      preview: NOTHING,
      asked,
      isThere: false,
    };
  }
  const after = previewOf(seen, target, nowMs);
  const from = runningPair(seen.observed);
  const prospect = target.suspended ? 'staying' : prospectOf(after, { asked, seen, before, nowMs });
  const isThere = after.ends === 'converged' && after.steps.length === 0;
  return { prospect, target, seen, from, to: { ...from, ...targetPair(target) }, preview: after, asked, isThere };
}

/** A policy that changes moves no board by itself; a payload, a pin or the end of a suspension does. */
const asksForMore = (target: DeviceTarget, before: DeviceTarget | undefined): boolean =>
  before === undefined ||
  before.payloadHash !== target.payloadHash ||
  (before.suspended && !target.suspended) ||
  (before.board !== target.board && boardPrint(before.board) !== boardPrint(target.board));

/** The board's own decisions, from the moment at which it would be told. */
export function previewOf(seen: SnapshotDevice, target: DeviceTarget, nowMs: Millis, delayMs?: number): Preview {
  const journal = journalOf(seen);
  const jitterMs = delayMs ?? jitterOf(target.device, target.payloadHash, target.policy.download.jitterMs);
  const plan = planTarget(target, journal);
  const turn = jitterMs === 0 ? {} : { downloadNotBeforeMs: millis(nowMs + jitterMs) };
  return preview(observedAt(seen.observed, nowMs), { ...plan, ...turn }, journal);
}

/** The board's clock has gone on since it was seen; one that was never set is still not. */
const observedAt = (observed: Observed, nowMs: Millis): Observed =>
  observed.clock.nowMs < EARLIEST_PLAUSIBLE_MS ? observed : { ...observed, clock: { ...observed.clock, nowMs } };

interface Comparison {
  readonly asked: boolean;
  readonly seen: SnapshotDevice;
  readonly before: DeviceTarget | undefined;
  readonly nowMs: Millis;
}

function prospectOf(after: Preview, { asked, seen, before, nowMs }: Comparison): Prospect {
  const isAtRest = after.ends === 'converged' && after.steps.length === 0;
  if (isAtRest) return 'staying';
  const goesOn = !asked && before !== undefined && samePreview(after, previewOf(seen, before, nowMs));
  if (goesOn) return 'staying';
  return after.ends === 'converged' ? 'changing' : after.ends;
}

const samePreview = (a: Preview, b: Preview): boolean =>
  a.ends === b.ends &&
  a.steps.length === b.steps.length &&
  a.steps.every((step, at) => step.notBeforeMs === b.steps[at]?.notBeforeMs && sameStep(step, b.steps[at]));

const sameStep = (a: PreviewedStep, b: PreviewedStep | undefined): boolean =>
  a.step.kind === b?.step.kind && a.description === b.description;
