// A plan as it is kept: what is the board's own, and by hash what it shares with thousands of others.

import type { Plan } from '@seatrial/capsule-plan';
import {
  type DeviceId,
  fingerprint,
  type Generation,
  type GitCommit,
  type Json,
  type Millis,
  type Name,
  type Payload,
  type Policy,
  type ResolvedBoard,
  type Sha256,
} from '@seatrial/spec';
import type { RolloutId } from './decision.ts';

export interface PlanRecord {
  readonly device: DeviceId;
  readonly generation: Generation;
  readonly fleet: Name;
  readonly release: Name;
  readonly gitCommit: GitCommit;
  readonly payloadHash: Sha256;
  readonly attempt: number;
  readonly policyHash: Sha256;
  /** Names the PlanContent. */
  readonly content: Sha256;
  readonly issuedAtMs: Millis;
  readonly expiresAtMs: Millis;
  readonly downloadNotBeforeMs?: Millis;
  /** The rollout that set the board in motion with this payload; absent for a board that was already there, or is pinned. */
  readonly movedIn?: RolloutId;
}

/** What the plans of a fleet have in common. */
export interface PlanContent {
  readonly hash: Sha256;
  readonly board: ResolvedBoard;
  readonly payload: Payload;
  readonly policy: Policy;
}

export function planContent({ board, payload, policy }: Omit<PlanContent, 'hash'>): PlanContent {
  const shared: unknown = { board, payload, policy };
  return { hash: fingerprint(shared as Json), board, payload, policy }; // resolved documents are plain JSON
}

/** The message for the board. The same record always makes the same bytes. */
export const planOf = (
  { policyHash: _policyHash, content: _content, movedIn: _movedIn, ...own }: PlanRecord,
  { board, payload, policy }: PlanContent,
): Plan => ({ schema: 1, ...own, board, payload, policy });
