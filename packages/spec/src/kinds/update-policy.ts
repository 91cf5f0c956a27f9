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
  start: cron.describe('When the window opens: minute, hour, day, month, weekday.'),
  duration: positiveDuration.describe('How long it stays open; its end is kept as strictly as its start.'),
  timeZone: timeZone.prefault('device').describe('`device` for the board’s own zone, or an IANA name.'),
});

const Battery = z
  .strictObject({
    minPercent: z.int().min(0).max(100).optional().describe('Charge.'),
    minVolts: z.number().min(0).max(1_000).optional().describe('Supply voltage.'),
  })
  .refine(battery => battery.minPercent !== undefined || battery.minVolts !== undefined, {
    message: 'needs minPercent or minVolts',
    params: { issue: 'missing-field' },
  });

/** Every gate that is `true` or present must be open before a board installs or reboots. */
export const Gates = z.strictObject({
  battery: Battery.optional().describe('Least charge or voltage; at least one of the two.'),
  parked: z.boolean().default(false).describe('The machine must stand still.'),
  charging: z.boolean().default(false).describe('Power must come from outside.'),
  network: networks.describe('The board must be on one of these networks.'),
  maintenanceMode: z.boolean().default(false).describe('The board must be in maintenance mode.'),
  consent: z
    .enum(['notRequired', 'required'])
    .default('notRequired')
    .describe('Whether someone at the board must agree.'),
});

export const Download = z.strictObject({
  maxRate: rate.optional().describe('Upper bound for each board; without it as fast as it goes.'),
  networks: networks.describe('Networks over which a board may fetch.'),
  jitter: duration
    .prefault('0s')
    .describe('Each board waits a random part of this first, so that a fleet does not fetch at once.'),
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
  name: word.describe('Shown in evidence and reasons; unique in the fleet.'),
  unit: systemdUnit.optional().describe('A systemd unit that must be active.'),
  command: Command.optional().describe('A program, by absolute path, and its arguments; it must exit 0.'),
  http: url.optional().describe('A URL that must answer 2xx.'),
  timeout: positiveDuration.prefault('30s').describe('After this the check has failed.'),
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
  bootTries: z
    .int()
    .min(1)
    .max(15)
    .default(3)
    .describe(
      'How often the new system may start before the boot loader falls back; at most 12 with a firmware trial.',
    ),
  healthDeadline: positiveDuration.prefault('5m').describe('All checks must have passed this long after a start.'),
  healthChecks: list(HealthCheck, LIMITS.healthChecks)
    .prefault([{ name: 'system', unit: 'multi-user.target' }])
    .describe('What the new system must show; each has exactly one of `unit`, `command`, `http`.'),
});
