// The controller's own memory. It forgets nothing that it was told to keep, and everything in it can be rebuilt.

import type { DeviceId, Generation, GitCommit, Millis, Name, Sha256 } from '@seatrial/spec';
import type { DecisionKind, RecordedDecision } from '../domain/decision.ts';
import type { PlanContent, PlanRecord } from '../domain/plan-record.ts';
import type { Rollout } from '../domain/rollout.ts';
import type { Judgement } from '../domain/take-report.ts';

/** Every method throws PortError `store-full`, `store-corrupt` or `store-unavailable`, and has then changed nothing. */
export interface Store {
  meta(): Promise<StoreMeta>;
  /** All of it or nothing, and durable when it resolves. */
  commit(changes: Changes): Promise<void>;
  /** Every device that anything is known of, without its report. */
  boards(): AsyncIterable<StoredBoard>;
  /** The newest rollouts of every fleet, oldest first, at most `perFleet`. */
  rollouts(perFleet: number): Promise<readonly Rollout[]>;
  /** The newest reports as they came, in no particular order; devices without one are left out. */
  reports(devices: readonly DeviceId[]): Promise<readonly StoredReport[]>;
  plan(device: DeviceId): Promise<PlanRecord | undefined>;
  contents(hashes: readonly Sha256[]): Promise<readonly PlanContent[]>;
  /** Plans that were not published since they were made, oldest first. */
  unpublished(limit: number): Promise<readonly PlanRecord[]>;
  /** Decisions that are not on the audit branch yet, oldest first. */
  unaudited(limit: number): Promise<readonly RecordedDecision[]>;
  /** The newest decisions of one kind, in no particular order. */
  decisions(kind: DecisionKind, limit: number): Promise<readonly RecordedDecision[]>;
  /** Ids of audited and unaudited decisions among the given ones. */
  knownDecisions(ids: readonly string[]): Promise<ReadonlySet<string>>;
  events(query: EventQuery): Promise<readonly FleetEvent[]>;
  /** What was told on the forge, and not forgotten since. */
  told(): Promise<readonly Told[]>;
  /** Those of the given deliveries that are among the last `DELIVERIES_KEPT`. */
  knownDeliveries(keys: readonly string[]): Promise<ReadonlySet<string>>;
  close(): Promise<void>;
}

export interface StoreMeta {
  /** Random, made with the database: tells one memory from another. */
  readonly id: string;
  /** Counts decisions made with this database. */
  readonly decisions: number;
  readonly lastEvent: number;
  /** The last commit that was valid. */
  readonly goodCommit?: GitCommit;
  /** The last commit that was refused: that is told once. */
  readonly refusedCommit?: GitCommit;
  readonly auditHead?: GitCommit;
  /** The rewritten head that an engineer has accepted last. */
  readonly acceptedHead?: GitCommit;
  /** Counts batches of published plans; the broker keeps the same number in a retained message. */
  readonly publishedSerial: number;
}

export interface Changes {
  readonly meta?: Partial<Omit<StoreMeta, 'id'>>;
  /** Kept where the sequence is higher than that of the report already kept. */
  readonly reports?: readonly StoredReport[];
  readonly judgements?: readonly StoredJudgement[];
  readonly presences?: readonly StoredPresence[];
  readonly clocks?: readonly StoredClock[];
  /** Each replaces the plan of its device and counts as not published. */
  readonly plans?: readonly PlanRecord[];
  readonly contents?: readonly PlanContent[];
  /** Kept only while the device's plan is still of that generation. */
  readonly published?: readonly PublishedPlan[];
  /** The broker has lost what was published: every plan counts as not published. */
  readonly republish?: true;
  readonly rollouts?: readonly Rollout[];
  readonly decisions?: readonly RecordedDecision[];
  /** Decisions that are on the audit branch now. */
  readonly audited?: readonly string[];
  readonly events?: readonly FleetEvent[];
  /** Each replaces what was told under its topic. */
  readonly told?: readonly Told[];
  /** Topics of which nobody will speak again. */
  readonly forgotten?: readonly string[];
  /** Webhooks that were taken, by whatever tells one from another. */
  readonly deliveries?: readonly string[];
}

/** The last that was told on the forge under one topic: enough to tell nothing twice and to lose nothing in a restart. */
export interface Told {
  /** `status field-r3`, say; unique. */
  readonly topic: string;
  /** Of the text; two of the same digest say the same. */
  readonly digest: string;
  readonly atMs: Millis;
  /** Nothing more is to be told under this topic. */
  readonly isFinal: boolean;
}

export interface StoredReport {
  readonly device: DeviceId;
  readonly sequence: number;
  readonly receivedAtMs: Millis;
  /** The message as it came. */
  readonly body: Uint8Array;
}

export interface StoredJudgement {
  readonly device: DeviceId;
  readonly judgement: Judgement;
}

export interface StoredPresence {
  readonly device: DeviceId;
  readonly online: boolean;
  readonly sinceMs: Millis;
}

/** When a board that is acting will be overdue; absent while it is not acting. */
export interface StoredClock {
  readonly device: DeviceId;
  readonly overdueAtMs?: Millis;
}

export interface PublishedPlan {
  readonly device: DeviceId;
  readonly generation: Generation;
}

export interface StoredBoard {
  readonly device: DeviceId;
  readonly report?: Omit<StoredReport, 'device' | 'body'>;
  readonly judgement?: Judgement;
  readonly presence?: Omit<StoredPresence, 'device'>;
  readonly overdueAtMs?: Millis;
  readonly plan?: PlanRecord;
}

/** Something that happened, for people and for `seatrial events`. */
export interface FleetEvent {
  /** Grows by one with every event. */
  readonly seq: number;
  readonly atMs: Millis;
  /** A DecisionKind, or one of the kinds of events.ts. */
  readonly kind: string;
  readonly message: string;
  readonly fleet?: Name;
  readonly device?: DeviceId;
  readonly by?: string;
}

/** The newest `limit` events, or those after `after`, oldest first. */
export interface EventQuery {
  readonly limit: number;
  readonly after?: number;
  readonly fleet?: Name;
  readonly device?: DeviceId;
}

/** How many events a store keeps at least; older ones may be dropped. */
export const EVENTS_KEPT = 10_000;

/** How many deliveries a store remembers; older ones are forgotten. */
export const DELIVERIES_KEPT = 10_000;
