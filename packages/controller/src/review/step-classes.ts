// Boards that would take equal steps, told once for all of them.

import type { Pair, PreviewedStep } from '@seatrial/capsule-plan';
import type { DeviceId } from '@seatrial/spec';
import type { Foresight } from './foresight.ts';
import { type BoardSample, SAMPLE_SIZE, type StepClass } from './review.ts';

/** Of boards that would do something, or can not; the largest class first, then by its first board. */
export function classesOf(boards: readonly Foresight[]): readonly StepClass[] {
  const classes = new Map<string, Growing>();
  for (const board of boards) {
    const ends = endOf(board);
    if (ends === undefined) continue;
    const key = keyOf(board);
    const known = classes.get(key);
    if (known === undefined) classes.set(key, begin(board, ends));
    else add(known, board);
  }
  return [...classes.values()]
    .map(({ devices, ...rest }) => ({ ...rest, boards: sampleOf(devices) }))
    .sort(
      (a, b) => b.boards.count - a.boards.count || ((a.boards.first[0] ?? '') < (b.boards.first[0] ?? '') ? -1 : 1),
    );
}

interface Growing extends Omit<StepClass, 'boards'> {
  steps: readonly PreviewedStep[];
  readonly devices: DeviceId[];
}

const endOf = ({ prospect }: Foresight): StepClass['ends'] | undefined =>
  prospect === 'staying' || prospect === 'unobserved' ? undefined : prospect;

/** What a board waits for counts, not the reading that it shows while it waits. */
function keyOf({ prospect, target, from, preview: { steps, failure } }: Foresight): string {
  const told = steps.map(({ step, description }) => (step.kind === 'wait' ? `wait ${step.reason}` : description));
  return [prospect, target.release, pairKey(from), failure?.reason ?? '', ...told].join('\n');
}

const pairKey = ({ firmware, os }: Pair): string => `${firmware ?? ''} ${os ?? ''}`;

function begin({ target, from, to, preview: { steps, failure } }: Foresight, ends: StepClass['ends']): Growing {
  const common = { release: target.release, from, to, ends, steps, devices: [target.device] };
  return failure === undefined ? common : { ...common, failure };
}

/** A moment is the earliest of the class; a reading that not all show is left away. */
function add(known: Growing, { target, preview: { steps } }: Foresight): void {
  known.devices.push(target.device);
  known.steps = known.steps.map((step, at) => mergeStep(step, steps[at]));
}

function mergeStep(known: PreviewedStep, other: PreviewedStep | undefined): PreviewedStep {
  if (other === undefined) return known;
  const isEarlier = other.notBeforeMs < known.notBeforeMs;
  const differs = other.description !== known.description && known.step.kind === 'wait';
  if (!isEarlier && !differs) return known;
  return {
    step: known.step,
    notBeforeMs: isEarlier ? other.notBeforeMs : known.notBeforeMs,
    description: differs ? 'wait' : known.description,
  };
}

/** How many, and the first few in order. */
export const sampleOf = (devices: readonly DeviceId[]): BoardSample => ({
  count: devices.length,
  first: devices.toSorted().slice(0, SAMPLE_SIZE),
});
