// A fleet's preview for scripts: the members that they may rely on.

import { type BoardPreview, countOutcomes, type FleetPreview, stepJson } from '@seatrial/controller/review';
import type { DesiredState } from '@seatrial/spec';

export const previewJson = ({ contentHash }: DesiredState, { boards, unobserved }: FleetPreview) => ({
  contentHash,
  summary: { ...countOutcomes(boards), unobserved: unobserved.length },
  boards: boards.map(boardJson),
  unobserved,
});

const boardJson = ({ steps, ...board }: BoardPreview) => ({ ...board, steps: steps.map(stepJson) });
