// Reports, events and presence on the wire.

import { err, ok, type Result } from '@seatrial/spec';
import { z } from 'zod';
import { STEP_KINDS } from '../plan/step-table.ts';
import { WAIT_REASONS } from '../plan/wait-reasons.ts';
import { AttemptMessage, FailedMessage, ObservedMessage, observedForm, SuccessMessage } from './observed-message.ts';
import type { BoardEvent, Presence, Report } from './report.ts';
import {
  count,
  deviceId,
  generation,
  gitCommit,
  jsonReader,
  millisecond,
  sha256,
  shortText,
  text,
  toJsonBytes,
} from './scalars.ts';

/** A report above this is refused unread. */
export const MAX_REPORT_BYTES = 16_384;

export type MessageRefusal = 'oversized' | 'malformed';

const ConditionMessage = z.object({
  type: z.enum(['Ready', 'Reconciling', 'Stalled']),
  status: z.enum(['True', 'False', 'Unknown']),
  reason: shortText,
  message: text,
  lastTransitionTime: millisecond,
});

const ProgressMessage = z.object({ done: count, total: count, unit: z.enum(['bytes', 'objects', 'checks']) });

export const ReportMessage: z.ZodType<Report> = z.object({
  schema: z.literal(1),
  device: deviceId,
  agentVersion: shortText,
  sequence: count,
  sentAtMs: millisecond,
  plan: z.object({ generation, gitCommit, payloadHash: sha256, attempt: z.int().min(1) }).exactOptional(),
  phase: z.enum(['idle', 'fetching', 'waiting', 'installing', 'trial', 'goingBack', 'converged', 'failed']),
  conditions: z.array(ConditionMessage).max(8),
  step: z.object({ kind: z.enum(STEP_KINDS), waitsFor: z.enum(WAIT_REASONS).exactOptional() }).exactOptional(),
  progress: ProgressMessage.exactOptional(),
  observed: ObservedMessage,
  attempt: AttemptMessage.exactOptional(),
  success: SuccessMessage.exactOptional(),
  failures: z.array(FailedMessage).max(64),
  refused: z.object({
    unsigned: count.exactOptional(),
    expired: count.exactOptional(),
    'old-generation': count.exactOptional(),
    'other-board': count.exactOptional(),
    oversized: count.exactOptional(),
    malformed: count.exactOptional(),
  }),
});

const EventMessage: z.ZodType<BoardEvent> = z.object({
  schema: z.literal(1),
  device: deviceId,
  atMs: millisecond,
  step: z.enum(STEP_KINDS),
  state: z.enum(['started', 'progress', 'done', 'failed']),
  message: text,
  progress: ProgressMessage.exactOptional(),
});

const PresenceMessage: z.ZodType<Presence> = z.object({
  schema: z.literal(1),
  device: deviceId,
  online: z.boolean(),
  agentVersion: shortText,
});

export const encodeReport = (report: Report): Uint8Array =>
  toJsonBytes({ ...report, observed: observedForm(report.observed) });
export const encodeEvent = (event: BoardEvent): Uint8Array => toJsonBytes(event);
export const encodePresence = (presence: Presence): Uint8Array => toJsonBytes(presence);

const bounded =
  <T>(read: (message: Uint8Array) => T | undefined) =>
  (message: Uint8Array): Result<T, MessageRefusal> => {
    if (message.byteLength > MAX_REPORT_BYTES) return err('oversized');
    const value = read(message);
    return value === undefined ? err('malformed') : ok(value);
  };

type Decode<T> = (message: Uint8Array) => Result<T, MessageRefusal>;
export const decodeReport: Decode<Report> = bounded(jsonReader(ReportMessage));
export const decodeEvent: Decode<BoardEvent> = bounded(jsonReader(EventMessage));
export const decodePresence: Decode<Presence> = bounded(jsonReader(PresenceMessage));
