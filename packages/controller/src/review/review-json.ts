// A review for scripts: the members that they may rely on. Only JSON's own types.

import type { PreviewedStep } from '@seatrial/capsule-plan';
import { formatFirmwareVersion } from '@seatrial/spec';
import type { FleetReview, Range, Review, StepClass } from './review.ts';

export const reviewJson = ({ fleets, verdict, ...review }: Review) => ({
  schema: 1,
  verdict: verdict.kind,
  line: verdict.line,
  ...review,
  fleets: fleets.map(fleetJson),
});

const fleetJson = ({ firmware, classes, ...fleet }: FleetReview) => ({
  ...fleet,
  firmware: { from: rangeJson(firmware.from), to: rangeJson(firmware.to) },
  classes: classes.map(classJson),
});

const rangeJson = (range: Range<Parameters<typeof formatFirmwareVersion>[0]>) =>
  range === undefined ? null : { least: formatFirmwareVersion(range.least), most: formatFirmwareVersion(range.most) };

const classJson = ({ steps, from, to, ...rest }: StepClass) => ({
  ...rest,
  from: pairJson(from),
  to: pairJson(to),
  steps: steps.map(stepJson),
});

const pairJson = ({ firmware, os }: StepClass['from']) => ({
  ...(firmware === undefined ? {} : { firmware: formatFirmwareVersion(firmware) }),
  ...(os === undefined ? {} : { os }),
});

/** What a step is about in detail is in its description; scripts test its kind and what it waits for. */
export const stepJson = ({ step, description, notBeforeMs }: PreviewedStep) => ({
  kind: step.kind,
  description,
  notBeforeMs,
  ...(step.kind === 'wait' ? { waitsFor: step.reason } : {}),
  ...(step.kind === 'wait' && step.untilMs !== undefined ? { untilMs: step.untilMs } : {}),
});
