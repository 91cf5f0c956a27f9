// Steps in the background: they change nothing that the board runs on, so they may be ended at any time.

import type { StepKind } from '@seatrial/capsule-plan';

export const isBackground = (kind: StepKind): boolean => kind === 'fetch-capsule' || kind === 'pull-commit';
