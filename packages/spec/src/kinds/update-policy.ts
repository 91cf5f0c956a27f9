// The part of a Fleet that travels to the board: when it may act, how it downloads, and what a trial must show.

import { z } from 'zod';
import { LIMITS } from '../limits.ts';
import type { Millis } from '../units.ts';
import { list } from './document.ts';
import { absolutePath, cron, duration, positiveDuration, rate, systemdUnit, timeZone, url, word } from './text.ts';
import type { HttpUrl } from './written-forms.ts';

export const NETWORK_CLASSES = ['ethernet', 'wifi', 'cellular', 'satellite'] as const;
export type NetworkClass = (typeof NETWORK_CLASSES)[number];

/** `any` also means a board that can not tell which network it is on. */
const networks = z
  .union([z.literal('any'), list(z.enum(NETWORK_CLASSES), NETWORK_CLASSES.length).min(1)])
  .default('any');

export const Window = z.strictObject({
  start: cron,
  duration: positiveDuration,
  timeZone: timeZone.prefault('device'),
});

const Battery = z
  .strictObject({
    minPercent: z.int().min(0).max(100).optional(),
    minVolts: z.number().min(0).max(1_000).optional(),
  })
  .refine(battery => battery.minPercent !== undefined || battery.minVolts !== undefined, {
    message: 'needs minPercent or minVolts',
    params: { issue: 'missing-field' },
  });

/** Every gate that is `true` or present must be open before a board installs or reboots. */
export const Gates = z.strictObject({
  battery: Battery.optional(),
  parked: z.boolean().default(false),
  charging: z.boolean().default(false),
  network: networks,
  maintenanceMode: z.boolean().default(false),
  consent: z.enum(['notRequired', 'required']).default('notRequired'),
});

export const Download = z.strictObject({
  maxRate: rate.optional(),
  networks,
  jitter: duration.prefault('0s'),
});

/** One proof of health: a unit that is active, a command that exits 0, or a URL that answers 2xx. */
export type HealthCheck =
  | { readonly kind: 'unit'; readonly name: string; readonly unit: string; readonly timeoutMs: Millis }
  | { readonly kind: 'command'; readonly name: string; readonly command: readonly string[]; readonly timeoutMs: Millis }
  | { readonly kind: 'http'; readonly name: string; readonly url: HttpUrl; readonly timeoutMs: Millis };

const Command = z
  .tuple([absolutePath], z.string().max(LIMITS.shortText))
  .refine(words => words.length <= LIMITS.commandWords, {
    message: 'has too many words',
    params: { issue: 'too-long' },
  });

const HealthCheckFields = z.strictObject({
  name: word,
  unit: systemdUnit.optional(),
  command: Command.optional(),
  http: url.optional(),
  timeout: positiveDuration.prefault('30s'),
});

const HealthCheck = HealthCheckFields.transform((check, context): HealthCheck => {
  const { name, unit, command, http, timeout: timeoutMs } = check;
  const given = [unit, command, http].filter(way => way !== undefined).length;
  if (given === 1 && unit !== undefined) return { kind: 'unit', name, unit, timeoutMs };
  if (given === 1 && command !== undefined) return { kind: 'command', name, command, timeoutMs };
  if (given === 1 && http !== undefined) return { kind: 'http', name, url: http, timeoutMs };
  context.addIssue({
    code: 'custom',
    message: 'needs exactly one of unit, command, http',
    params: { issue: given === 0 ? 'missing-field' : 'wrong-value' },
  });
  return z.NEVER;
});

export const Trial = z.strictObject({
  bootTries: z.int().min(1).max(15).default(3),
  healthDeadline: positiveDuration.prefault('5m'),
  healthChecks: list(HealthCheck, LIMITS.healthChecks).prefault([{ name: 'system', unit: 'multi-user.target' }]),
});
