// The plan on the wire: JSON in a DSSE envelope, and every reason for which a board refuses one.

import {
  type DeviceId,
  err,
  type Generation,
  type HealthCheck,
  type Millis,
  NETWORK_CLASSES,
  ok,
  parseCron,
  parseEnvelope,
  parseTimeZone,
  parseUrl,
  type Result,
  type Signer,
  type SigningRole,
  signEnvelope,
  verifyEnvelope,
} from '@seatrial/spec';
import { z } from 'zod';
import type { Plan } from '../plan/plan.ts';
import { EARLIEST_PLAUSIBLE_MS } from '../plan/window.ts';
import type { PlanRefusal } from './report.ts';
import {
  byteCount,
  count,
  deviceId,
  form,
  generation,
  gitCommit,
  guid,
  jsonReader,
  millisecond,
  name,
  ostreeCommit,
  sha256,
  shortText,
  text,
  toJsonBytes,
  version,
} from './scalars.ts';

export const PLAN_PAYLOAD_TYPE = 'application/vnd.seatrial.plan.v1+json';
/** What the envelope may measure: one small retained message per board. */
export const MAX_PLAN_BYTES = 4096;

const url = form(parseUrl);
const networks = z.union([z.literal('any'), z.array(z.enum(NETWORK_CLASSES)).max(8)]);

const HealthCheckMessage: z.ZodType<HealthCheck> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('unit'), name: shortText, unit: shortText, timeoutMs: millisecond }),
  z.object({
    kind: z.literal('command'),
    name: shortText,
    command: z.array(text).min(1).max(32),
    timeoutMs: millisecond,
  }),
  z.object({ kind: z.literal('http'), name: shortText, url, timeoutMs: millisecond }),
]);

const BoardMessage = z.object({
  name,
  target: shortText,
  storage: shortText,
  fwClass: guid,
  versionFloor: version,
  trial: z.enum(['required', 'unavailable']),
  trialVariable: z.object({ name: shortText, guid }),
  esp: z.object({ mountPoint: shortText, sizeBytes: byteCount }),
  os: z.object({ stateroot: shortText, bootLoader: z.literal('systemd-boot') }),
  limits: z.object({ nvramBytes: byteCount.exactOptional() }).exactOptional(),
});

const PayloadMessage = z.object({
  transaction: z.enum(['coupled', 'firmwareFirst']),
  firmware: z
    .object({
      version,
      lowestSupported: version,
      minimumFrom: version.exactOptional(),
      capsules: z.array(z.object({ name: shortText, url, sizeBytes: byteCount, sha256 })).max(16),
    })
    .exactOptional(),
  os: z
    .object({
      remote: shortText,
      ref: shortText,
      commit: ostreeCommit,
      requiresFirmware: version.exactOptional(),
      url: url.exactOptional(),
    })
    .exactOptional(),
});

const PolicyMessage = z.object({
  windows: z
    .array(z.object({ start: form(parseCron), durationMs: millisecond, timeZone: form(parseTimeZone) }))
    .max(32),
  gates: z.object({
    battery: z.object({ minPercent: z.number().exactOptional(), minVolts: z.number().exactOptional() }).exactOptional(),
    parked: z.boolean(),
    charging: z.boolean(),
    network: networks,
    maintenanceMode: z.boolean(),
    consent: z.enum(['notRequired', 'required']),
  }),
  download: z.object({
    maxRate: z
      .int()
      .min(1)
      .transform(rate => rate as Plan['policy']['download']['maxRate'] & number)
      .exactOptional(),
    networks,
    jitterMs: millisecond,
  }),
  trial: z.object({
    bootTries: z.int().min(1).max(15),
    healthDeadlineMs: millisecond,
    healthChecks: z.array(HealthCheckMessage).max(32),
  }),
});

export const PlanMessage: z.ZodType<Plan> = z.object({
  schema: z.literal(1),
  device: deviceId,
  generation,
  gitCommit,
  fleet: name,
  release: name,
  issuedAtMs: millisecond,
  expiresAtMs: millisecond,
  payloadHash: sha256,
  attempt: count.min(1),
  board: BoardMessage,
  payload: PayloadMessage,
  policy: PolicyMessage,
  downloadNotBeforeMs: millisecond.exactOptional(),
});

const readPlan = jsonReader(PlanMessage);

/** The bytes to publish, retained, on the board's plan topic. They may exceed MAX_PLAN_BYTES: the caller must look. */
export const encodePlan = (plan: Plan, signers: readonly Signer[]): Uint8Array =>
  toJsonBytes(signEnvelope(PLAN_PAYLOAD_TYPE, toJsonBytes(plan), signers));

export interface PlanReader {
  readonly device: DeviceId;
  /** The trust root's `controller` role. */
  readonly controller: SigningRole;
  readonly nowMs: Millis;
  /** The highest generation this board has ever accepted. */
  readonly seenGeneration?: Generation;
}

/**
 * A plan that this board may act on. Cheap checks come first, and nothing in the payload is read before its signature
 * holds. With a clock that was never set, expiry can not be judged; generation still guards against replay.
 */
export function openPlan(
  message: Uint8Array,
  { device, controller, nowMs, seenGeneration }: PlanReader,
): Result<Plan, PlanRefusal> {
  if (message.byteLength > MAX_PLAN_BYTES) return err('oversized');
  const envelope = parseEnvelope(new TextDecoder().decode(message));
  if (!envelope.ok) return err('malformed');
  const verified = verifyEnvelope(envelope.value, PLAN_PAYLOAD_TYPE, [controller]);
  if (!verified.ok) return err(verified.error.code === 'dsse-malformed' ? 'malformed' : 'unsigned');
  const plan = readPlan(verified.value.payload);
  if (plan === undefined) return err('malformed');
  if (plan.device !== device) return err('other-board');
  if (seenGeneration !== undefined && plan.generation < seenGeneration) return err('old-generation');
  if (nowMs >= EARLIEST_PLAUSIBLE_MS && plan.expiresAtMs <= nowMs) return err('expired');
  return ok(plan);
}
