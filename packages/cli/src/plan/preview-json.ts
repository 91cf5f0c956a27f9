// A fleet's preview for scripts: the members that they may rely on.

import type { PreviewedStep } from '@seatrial/capsule-plan';
import { type BoardPreview, countOutcomes, type FleetPreview } from '@seatrial/controller/review';
import type { DesiredState } from '@seatrial/spec';

export const previewJson = ({ contentHash }: DesiredState, { boards, unobserved }: FleetPreview) => ({
  contentHash,
  summary: { ...countOutcomes(boards), unobserved: unobserved.length },
  boards: boards.map(boardJson),
  unobserved,
});

const boardJson = ({ steps, ...board }: BoardPreview) => ({ ...board, steps: steps.map(stepJson) });

/** What a step is about in detail is in its description; scripts test its kind and what it waits for. */
const stepJson = ({ step, description, notBeforeMs }: PreviewedStep) => ({
  kind: step.kind,
  description,
  notBeforeMs,
  ...(step.kind === 'wait' ? { waitsFor: step.reason } : {}),
  ...(step.kind === 'wait' && step.untilMs !== undefined ? { untilMs: step.untilMs } : {}),
});
