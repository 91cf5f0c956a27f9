// What the HTTP API says, as schemas: the server answers with it, the client checks it, the OpenAPI document is made of it.

import { z } from 'zod';
import { HOLD_KINDS } from './hold.ts';
import { STANDINGS } from './standing.ts';

const moment = z.int().describe('milliseconds since 1970-01-01T00:00:00Z');
const text = z.string();
const counts = z.object(
  Object.fromEntries(STANDINGS.map(standing => [standing, z.int().min(0)])) as Record<
    (typeof STANDINGS)[number],
    z.ZodInt
  >, // one count for each of STANDINGS
);

export const RolloutStateView = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('advancing'), message: text, untilMs: moment.optional() }),
  z.object({ kind: z.literal('soaking'), message: text, untilMs: moment }),
  z.object({
    kind: z.literal('waiting'),
    for: z.enum(['approval', 'signatures', 'end-of-suspension', 'boards', 'a-board-that-can-act']),
    message: text,
  }),
  z.object({
    kind: z.literal('paused'),
    reason: z.enum(['operator', 'failure-budget', 'success-threshold']),
    message: text,
    by: text.optional(),
  }),
  z.object({ kind: z.literal('done'), outcome: z.enum(['completed', 'superseded', 'cancelled']), message: text }),
]);

export const RolloutView = z.object({
  id: text,
  fleet: text,
  number: z.int(),
  release: text,
  payloadHash: text,
  gitCommit: text,
  salt: text,
  startedAtMs: moment,
  stage: z.int().describe('from 1; 0 before the first is entered'),
  stages: z.int(),
  attempt: z.int(),
  state: RolloutStateView,
  cohort: z.int().describe('boards that follow the release of the fleet'),
  letIn: z.int().describe('how many of them may be in motion'),
  moved: counts.describe('boards that this rollout has set in motion'),
  resting: counts.describe('boards that it had no need or no turn to move'),
});
export type RolloutView = z.output<typeof RolloutView>;

export const FleetView = z.object({
  name: text,
  board: text,
  release: text,
  gitCommit: text,
  suspended: z.boolean(),
  boards: z.int(),
  standings: counts,
  pinned: counts,
  rollout: RolloutView.optional(),
});
export type FleetView = z.output<typeof FleetView>;

export const DeviceView = z.object({
  device: text,
  board: text.optional(),
  fleet: text.optional().describe('absent for a board that no fleet selects'),
  release: text.optional(),
  labels: z.record(z.string(), z.string()),
  pinned: z.boolean(),
  standing: z.enum(STANDINGS),
  connected: z.boolean(),
  verdict: z.object({ kind: text, reason: text, message: text }).optional(),
  plan: z
    .object({
      generation: z.int(),
      release: text,
      gitCommit: text,
      payloadHash: text,
      attempt: z.int(),
      issuedAtMs: moment,
      expiresAtMs: moment,
    })
    .optional(),
  report: z
    .object({
      sequence: z.int(),
      receivedAtMs: moment,
      agentVersion: text,
      phase: text,
      firmware: text.optional(),
      lowestSupportedFirmware: text.optional(),
      os: text.optional(),
      generation: z.int().optional(),
      step: text.optional(),
      onTrial: z.boolean(),
      refused: z.record(z.string(), z.int()),
    })
    .optional(),
});
export type DeviceView = z.output<typeof DeviceView>;

/** A line of a list: what is known without reading a report. */
export const DeviceSummary = DeviceView.omit({ report: true, plan: true, labels: true }).extend({
  generation: z.int(),
});
export type DeviceSummary = z.output<typeof DeviceSummary>;

export const DevicePage = z.object({
  devices: z.array(DeviceSummary),
  total: z.int().describe('devices that the filter lets through'),
  next: text.optional().describe('`after` of the next page'),
});
export type DevicePage = z.output<typeof DevicePage>;

export const WhyView = z.object({
  device: text,
  standing: z.enum(STANDINGS),
  summary: text,
  holds: z.array(
    z.object({
      kind: z.enum(HOLD_KINDS),
      reason: text,
      message: text,
      untilMs: moment.optional(),
      remedy: text.optional(),
    }),
  ),
});
export type WhyView = z.output<typeof WhyView>;

export const ReleaseView = z.object({
  name: text,
  board: text,
  payloadHash: text,
  firmware: text.optional(),
  os: text.optional(),
  transaction: z.enum(['coupled', 'firmwareFirst']),
  verified: z.boolean().describe('vendor and operator have signed'),
  fleets: z.array(text),
  wantedBy: z.int().describe('boards that are to run it'),
  upToDate: z.int().describe('boards that are proven to run it'),
});
export type ReleaseView = z.output<typeof ReleaseView>;

export const EventView = z.object({
  seq: z.int(),
  atMs: moment,
  kind: text,
  message: text,
  fleet: text.optional(),
  device: text.optional(),
  by: text.optional(),
});
export type EventView = z.output<typeof EventView>;

const commit = z.object({ commit: text, author: text, atMs: moment, subject: text });

export const StatusView = z.object({
  ready: z.boolean(),
  source: z.object({
    repository: text,
    branch: text,
    inForce: commit.optional(),
    refused: commit
      .extend({
        issues: z.array(
          z.object({
            code: text,
            severity: z.enum(['error', 'warning']),
            file: text,
            line: z.int(),
            column: z.int(),
            message: text,
          }),
        ),
      })
      .optional(),
    checkedAtMs: moment.optional(),
  }),
  broker: z.object({ url: text, connected: z.boolean(), sharesReports: z.boolean() }),
  audit: z.object({ branch: text, head: text.optional() }),
  boards: z.object({ known: z.int(), unclaimed: z.int().describe('boards that report and that no fleet selects') }),
  problems: z.array(z.object({ part: text, code: text, element: text, message: text, remedy: text, sinceMs: moment })),
});
export type StatusView = z.output<typeof StatusView>;

export const OrderBody = z.strictObject({
  by: z.string().min(1).max(128).describe('who gives the order'),
  reason: z.string().min(1).max(1024).describe('why; stands on the audit branch'),
});
export type OrderBody = z.output<typeof OrderBody>;

export const ErrorBody = z.object({ error: z.object({ code: text, message: text, remedy: text }) });
export type ErrorBody = z.output<typeof ErrorBody>;

/** Reported state of all boards: what `seatrial plan --observed` reads. */
export const SnapshotView = z.object({
  schema: z.literal(1),
  repository: text.optional().describe('that the controller follows'),
  gitCommit: text.optional().describe('that was in force'),
  takenAtMs: moment.optional(),
  devices: z.array(
    z.object({
      device: text,
      observed: z.looseObject({}),
      attempt: z.looseObject({}).optional(),
      success: z.looseObject({}).optional(),
      failures: z.array(z.looseObject({})),
      unreachable: z.boolean().optional(),
    }),
  ),
});
export type SnapshotView = z.output<typeof SnapshotView>;
