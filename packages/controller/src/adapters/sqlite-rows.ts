// Rows of the SQLite store as TypeScript sees them, and the values that they stand for. Only we write these tables, so
// their texts are taken for the ids that we put there.

import type { VerdictKind } from '@seatrial/capsule-plan';
import type { DeviceId, Generation, GitCommit, Millis, Name, Sha256 } from '@seatrial/spec';
import type { PlanRecord } from '../domain/plan-record.ts';
import type { Judgement } from '../domain/take-report.ts';
import type { FleetEvent, StoredBoard } from '../ports/store.ts';

export interface PlanRow {
  readonly device: DeviceId;
  readonly generation: Generation;
  readonly fleet: Name;
  readonly release: Name;
  readonly git_commit: GitCommit;
  readonly payload_hash: Sha256;
  readonly attempt: number;
  readonly policy_hash: Sha256;
  readonly content: Sha256;
  readonly issued_at_ms: Millis;
  readonly expires_at_ms: Millis;
  readonly download_not_before_ms: Millis | null;
  readonly moved_in: string | null;
}

export const planOfRow = (row: PlanRow): PlanRecord => ({
  device: row.device,
  generation: row.generation,
  fleet: row.fleet,
  release: row.release,
  gitCommit: row.git_commit,
  payloadHash: row.payload_hash,
  attempt: row.attempt,
  policyHash: row.policy_hash,
  content: row.content,
  issuedAtMs: row.issued_at_ms,
  expiresAtMs: row.expires_at_ms,
  ...(row.download_not_before_ms === null ? {} : { downloadNotBeforeMs: row.download_not_before_ms }),
  ...(row.moved_in === null ? {} : { movedIn: row.moved_in }),
});

export const planParameters = (record: PlanRecord): PlanRow => ({
  device: record.device,
  generation: record.generation,
  fleet: record.fleet,
  release: record.release,
  git_commit: record.gitCommit,
  payload_hash: record.payloadHash,
  attempt: record.attempt,
  policy_hash: record.policyHash,
  content: record.content,
  issued_at_ms: record.issuedAtMs,
  expires_at_ms: record.expiresAtMs,
  download_not_before_ms: record.downloadNotBeforeMs ?? null,
  moved_in: record.movedIn ?? null,
});

type Absent<T> = { readonly [K in keyof T]: T[K] | null };

/** A board with its plan, where it has one. */
export interface BoardRow extends Absent<Omit<PlanRow, 'device'>> {
  readonly device: DeviceId;
  readonly sequence: number | null;
  readonly received_at_ms: Millis | null;
  readonly judged_payload: Sha256 | null;
  readonly judged_attempt: number | null;
  readonly verdict: VerdictKind | null;
  readonly verdict_reason: string | null;
  readonly verdict_message: string | null;
  readonly online: number | null;
  readonly presence_since_ms: Millis | null;
  readonly overdue_at_ms: Millis | null;
}

export function boardOfRow(row: BoardRow): StoredBoard {
  const { device, sequence, received_at_ms: receivedAtMs, online, presence_since_ms: sinceMs, overdue_at_ms } = row;
  const judgement = judgementOf(row);
  return {
    device,
    ...(sequence === null || receivedAtMs === null ? {} : { report: { sequence, receivedAtMs } }),
    ...(judgement === undefined ? {} : { judgement }),
    ...(online === null || sinceMs === null ? {} : { presence: { online: online === 1, sinceMs } }),
    ...(overdue_at_ms === null ? {} : { overdueAtMs: overdue_at_ms }),
    ...(hasPlan(row) ? { plan: planOfRow(row) } : {}),
  };
}

/** The columns of a plan are there together or not at all. */
const hasPlan = (row: BoardRow): row is BoardRow & PlanRow => row.generation !== null;

function judgementOf(row: BoardRow): Judgement | undefined {
  const { judged_payload: payloadHash, judged_attempt: attempt, verdict: kind } = row;
  if (payloadHash === null || attempt === null || kind === null) return undefined;
  return { payloadHash, attempt, kind, reason: row.verdict_reason ?? '', message: row.verdict_message ?? '' };
}

export interface EventRow {
  readonly seq: number;
  readonly at_ms: Millis;
  readonly kind: string;
  readonly message: string;
  readonly fleet: Name | null;
  readonly device: DeviceId | null;
  readonly by_whom: string | null;
}

export const eventOfRow = ({ seq, at_ms, kind, message, fleet, device, by_whom }: EventRow): FleetEvent => ({
  seq,
  atMs: at_ms,
  kind,
  message,
  ...(fleet === null ? {} : { fleet }),
  ...(device === null ? {} : { device }),
  ...(by_whom === null ? {} : { by: by_whom }),
});
