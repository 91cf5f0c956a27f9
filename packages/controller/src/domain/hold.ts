// What can hold a board: the words alone, without the rules that choose them.

import type { Millis } from '@seatrial/spec';

export const HOLD_KINDS = [
  'unclaimed',
  'suspend',
  'signatures',
  'pin',
  'pause',
  'approval',
  'boards',
  'stage',
  'soak',
  'window',
  'gate',
  'network',
  'floor',
  'blocked',
  'failure',
  'overdue',
  'unreachable',
  'plan-not-seen',
  'at-work',
] as const;
export type HoldKind = (typeof HOLD_KINDS)[number];

export interface Hold {
  readonly kind: HoldKind;
  /** A WaitReason, FailureReason, StepKind, PauseReason or Awaited; else the kind again. */
  readonly reason: string;
  readonly message: string;
  /** When it ends by itself. */
  readonly untilMs?: Millis;
  readonly remedy?: string;
}
