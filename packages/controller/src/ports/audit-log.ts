// The append-only record of decisions, outside the controller's own reach: who, what, when and why.

import type { GitCommit } from '@seatrial/spec';
import type { RecordedDecision } from '../domain/decision.ts';
import type { Rollout } from '../domain/rollout.ts';

export interface AuditLog {
  /**
   * What stands in the log. `since` is the head that the caller remembers: if the log no longer contains it, history was
   * rewritten. Throws PortError: `audit-rewritten`, `audit-malformed`, `audit-unreachable`.
   */
  read(since?: GitCommit): Promise<AuditHistory>;
  /**
   * Adds records behind `head` and returns the new head. Nothing is added unless all are, and unless the log still ends
   * at `head`. Throws as `read` does.
   */
  append(head: GitCommit | undefined, records: readonly AuditRecord[]): Promise<GitCommit>;
}

export interface AuditHistory {
  /** Undefined while nothing was ever recorded. */
  readonly head?: GitCommit;
  /** After `since`, oldest first. */
  readonly decisions: readonly RecordedDecision[];
  /** Every rollout that has not been followed by another of its fleet, and the ended ones before it. */
  readonly rollouts: readonly Rollout[];
}

/** A decision and the rollouts as they are after it. */
export interface AuditRecord {
  readonly decision: RecordedDecision;
  /** Those that the decision changed. */
  readonly rollouts: readonly Rollout[];
}
