// Observed state and journal in JSON: what a report carries, what a snapshot of a fleet holds, what a board persists.

import { NETWORK_CLASSES } from '@seatrial/spec';
import { z } from 'zod';
import type { Attempt, FailedAttempt, Journal, Pair, SuccessfulAttempt } from '../plan/journal.ts';
import type { Observed } from '../plan/observed.ts';
import {
  bits,
  bootId,
  byteCount,
  count,
  guid,
  hexOf,
  millisecond,
  ostreeCommit,
  sha256,
  shortText,
  text,
  version,
} from './scalars.ts';

const EntryNameMessage = z.object({
  id: shortText,
  triesLeft: count.exactOptional(),
  triesDone: count.exactOptional(),
});

const DeploymentMessage = z.object({
  index: count,
  commit: ostreeCommit,
  serial: count,
  stateroot: shortText,
  booted: z.boolean(),
  staged: z.boolean(),
  entry: EntryNameMessage.exactOptional(),
});

const EsrtMessage = z.object({
  fwClass: guid,
  fwType: count,
  fwVersion: version,
  lowestSupportedFwVersion: version,
  capsuleFlags: count,
  lastAttemptVersion: version,
  lastAttemptStatus: count,
});

export const ObservedMessage: z.ZodType<Observed> = z.object({
  bootId,
  clock: z.object({ nowMs: millisecond, timeZone: shortText }),
  firmware: z.object({
    esrt: EsrtMessage.exactOptional(),
    osIndications: bits.exactOptional(),
    osIndicationsSupported: bits.exactOptional(),
    trial: z.object({ raw: bits, widthBytes: z.union([z.literal(4), z.literal(8)]) }).exactOptional(),
    variablesWritable: z.boolean(),
    rpmbProvisioned: z.boolean().exactOptional(),
  }),
  esp: z.object({
    writable: z.boolean(),
    freeBytes: byteCount,
    capsules: z.array(z.object({ fileName: shortText, sizeBytes: byteCount, sha256 })).max(64),
  }),
  os: z.object({
    deployments: z.array(DeploymentMessage).max(16),
    ostreeCountsBoots: z.boolean(),
    heldEntryId: shortText.exactOptional(),
    bootFreeBytes: byteCount,
    sysrootFreeBytes: byteCount,
  }),
  fetched: z.object({ capsules: z.array(sha256).max(64), commits: z.array(ostreeCommit).max(64) }),
  facts: z.object({
    batteryPercent: z.number().exactOptional(),
    batteryVolts: z.number().exactOptional(),
    parked: z.boolean().exactOptional(),
    charging: z.boolean().exactOptional(),
    network: z.enum(NETWORK_CLASSES).exactOptional(),
    maintenanceMode: z.boolean().exactOptional(),
    consent: z.boolean().exactOptional(),
  }),
});

/** An observed state as JSON can hold it: 64 bits as text, everything else as it is, in the same order. */
export function observedForm(observed: Observed): Readonly<Record<string, unknown>> {
  const { osIndications, osIndicationsSupported, trial } = observed.firmware;
  const firmware = {
    ...observed.firmware,
    ...(osIndications !== undefined && { osIndications: hexOf(osIndications) }),
    ...(osIndicationsSupported !== undefined && { osIndicationsSupported: hexOf(osIndicationsSupported) }),
    ...(trial !== undefined && { trial: { ...trial, raw: hexOf(trial.raw) } }),
  };
  return { ...observed, firmware };
}

const PairMessage: z.ZodType<Pair> = z.object({
  firmware: version.exactOptional(),
  os: ostreeCommit.exactOptional(),
});

const HealthVerdictMessage = z.object({
  bootId,
  healthy: z.boolean(),
  results: z.array(z.object({ name: shortText, healthy: z.boolean(), detail: text })).max(32),
});

const FailureMessage = z.object({
  reason: z.enum([
    'capsule-refused',
    'capsule-metadata-unreadable',
    'capsule-ignored',
    'firmware-rolled-back',
    'os-unhealthy',
    'os-fell-back',
    'os-on-old-firmware',
    'firmware-unhealthy',
    'superseded',
    'firmware-cannot-go-back',
  ]),
  message: text,
  lastAttemptStatus: count.exactOptional(),
  atMs: millisecond,
});

const key = { payloadHash: sha256, attempt: z.int().min(1) };

export const AttemptMessage: z.ZodType<Attempt> = z.object({
  ...key,
  startedAtMs: millisecond,
  from: PairMessage,
  to: PairMessage,
  capsule: z
    .object({
      bootId,
      before: z.object({ fwVersion: version, lastAttemptVersion: version, lastAttemptStatus: count }),
      rebooted: z.boolean(),
    })
    .exactOptional(),
  osTrial: z.object({ bootId }).exactOptional(),
  health: HealthVerdictMessage.exactOptional(),
  firmwareRollback: z.object({ bootId, rebooted: z.boolean() }).exactOptional(),
  failure: FailureMessage.exactOptional(),
});

export const SuccessMessage: z.ZodType<SuccessfulAttempt> = z.object({
  ...key,
  from: PairMessage,
  to: PairMessage,
  requestedAt: z.array(bootId).max(8),
  health: HealthVerdictMessage.exactOptional(),
});

export const FailedMessage: z.ZodType<FailedAttempt> = z.object({ ...key, failure: FailureMessage });

export const JournalMessage: z.ZodType<Journal> = z.object({
  schema: z.literal(1),
  attempt: AttemptMessage.exactOptional(),
  success: SuccessMessage.exactOptional(),
  failures: z.array(FailedMessage).max(64),
});
