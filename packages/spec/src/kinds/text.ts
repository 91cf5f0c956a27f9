// The texts that fields hold: each schema turns one written form into its branded value, or says which form it wanted.

import { z } from 'zod';
import { parseDeviceId, parseGuid, parseKeyId, parseName, parseOstreeCommit, parseSha256 } from '../ids.ts';
import type { IssueCode } from '../issue-table.ts';
import { LIMITS } from '../limits.ts';
import {
  type ByteCount,
  bytes,
  type FirmwareVersion,
  type Millis,
  parseDuration,
  parseFirmwareVersion,
  parsePercent,
  parseRate,
  parseSize,
} from '../units.ts';
import { parseCron, parsePublicKey, parseTimestamp, parseTimeZone, parseUrl } from './written-forms.ts';

interface Form<T> {
  /** undefined for text that is not of this form. */
  readonly parse: (text: string) => T | undefined;
  readonly code: IssueCode;
  readonly maxLength: number;
  /** For editors only: must accept at least what `parse` accepts. */
  readonly pattern: string;
  readonly example: string;
}

/** A text with a form of its own; one that does not parse is reported under the form's code. */
const formed = <T>({ parse, code, maxLength, pattern, example }: Form<T>) =>
  z
    .string()
    .max(maxLength)
    .meta({ pattern, examples: [example] })
    .transform((text, context): T => {
      const value = parse(text);
      if (value !== undefined) return value;
      context.addIssue({ code: 'custom', message: `must look like ${example}`, params: { issue: code } });
      return z.NEVER;
    });

const matching =
  (pattern: RegExp) =>
  (text: string): string | undefined =>
    pattern.test(text) ? text : undefined;

const HEX_64 = '^[0-9a-f]{64}$';

export const name = formed({
  parse: parseName,
  code: 'bad-name',
  maxLength: 63,
  pattern: '^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$',
  example: 'iq9075-2026.11.0',
});

export const deviceId = formed({
  parse: parseDeviceId,
  code: 'bad-device-id',
  maxLength: 64,
  pattern: '^[A-Za-z0-9][A-Za-z0-9._-]*$',
  example: 'hub-000001',
});

export const keyId = formed({
  parse: parseKeyId,
  code: 'bad-name',
  maxLength: 64,
  pattern: '^[A-Za-z0-9][A-Za-z0-9._-]*$',
  example: 'k-vendor-1',
});

export const guid = formed({
  parse: parseGuid,
  code: 'bad-guid',
  maxLength: 36,
  pattern: '^[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$',
  example: '78462415-6133-431C-9FAE-48F2BAFD5C71',
});

const digestExample = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

export const sha256 = formed({
  parse: parseSha256,
  code: 'bad-digest',
  maxLength: 64,
  pattern: HEX_64,
  example: digestExample,
});

export const ostreeCommit = formed({
  parse: parseOstreeCommit,
  code: 'bad-digest',
  maxLength: 64,
  pattern: HEX_64,
  example: digestExample,
});

export const firmwareVersion = formed({
  parse: parseFirmwareVersion,
  code: 'bad-version',
  maxLength: 15,
  pattern: '^0\\.0\\.[0-9]{1,5}\\.[0-9]{1,5}$',
  example: '0.0.1.2',
});

/** `>=0.0.A.B`, the only relation there is. */
export const firmwareRequirement = formed<FirmwareVersion>({
  parse: text => (text.startsWith('>=') ? parseFirmwareVersion(text.slice(2)) : undefined),
  code: 'bad-version',
  maxLength: 17,
  pattern: '^>=0\\.0\\.[0-9]{1,5}\\.[0-9]{1,5}$',
  example: '>=0.0.1.2',
});

export const duration = formed<Millis>({
  parse: text => {
    const length = parseDuration(text);
    return length !== undefined && length <= LIMITS.durationMs ? length : undefined;
  },
  code: 'bad-duration',
  maxLength: 16,
  pattern: '^[0-9]+[smhd]$',
  example: '15m',
});

export const positiveDuration = duration.refine(length => length > 0, {
  message: 'must be longer than nothing',
  params: { issue: 'bad-duration' },
});

/** `200MiB`, or a plain number of bytes. */
export const size = z.union([
  formed<ByteCount>({
    parse: text => {
      const count = parseSize(text);
      return count !== undefined && count > 0 ? count : undefined;
    },
    code: 'bad-size',
    maxLength: 24,
    pattern: '^[0-9]+(?:B|KiB|MiB|GiB)$',
    example: '200MiB',
  }),
  z.int().min(1).transform(bytes),
]);

export const rate = formed({
  parse: parseRate,
  code: 'bad-rate',
  maxLength: 24,
  pattern: '^[0-9]+(?:B|KiB|MiB|GiB)/s$',
  example: '512KiB/s',
});

export const percent = formed({
  parse: parsePercent,
  code: 'bad-percent',
  maxLength: 8,
  pattern: '^[0-9]{1,3}(?:\\.[0-9]{1,3})?%$',
  example: '10%',
});

/** A share of a cohort or a number of boards. */
export type Portion = { readonly percent: number } | { readonly count: number };

/** `10%`, or a whole number of boards. */
export const portion = (minCount: number) =>
  z.union([
    percent.transform((value): Portion => ({ percent: value })),
    z
      .int()
      .min(minCount)
      .max(100_000_000)
      .transform((count): Portion => ({ count })),
  ]);

export const cron = formed({
  parse: parseCron,
  code: 'bad-cron',
  maxLength: 128,
  pattern: '^\\S+( +\\S+){4}$',
  example: '0 2 * * *',
});

export const timeZone = formed({
  parse: parseTimeZone,
  code: 'bad-time-zone',
  maxLength: 64,
  pattern: '^[A-Za-z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+)*$',
  example: 'Europe/Berlin',
});

export const url = formed({
  parse: parseUrl,
  code: 'bad-url',
  maxLength: LIMITS.urlText,
  pattern: '^https?://[!-~]+$',
  example: 'https://artifacts.example.com/firmware.cap',
});

export const timestamp = formed({
  parse: parseTimestamp,
  code: 'bad-timestamp',
  maxLength: 20,
  pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$',
  example: '2027-11-01T00:00:00Z',
});

export const publicKey = formed({
  parse: parsePublicKey,
  code: 'bad-public-key',
  maxLength: 44,
  pattern: '^[A-Za-z0-9+/]{43}=$',
  example: 'xcykFerw2wnIoazGyHUfLINuhUW6njKZdzXsEoOUSEU=',
});

const worded = (pattern: RegExp, maxLength: number, example: string) =>
  formed({ parse: matching(pattern), code: 'bad-text', maxLength, pattern: pattern.source, example });

/** One word that is safe as a file name, a command's argument and a label. */
export const word = worded(/^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/, 63, 'field');

/** A file name that FAT, the capsule folder and a URL agree about. */
export const capsuleName = worded(/^[A-Za-z0-9][A-Za-z0-9._-]{0,58}\.cap$/, 63, 'firmware.cap');

export const efiVariableName = worded(/^[A-Za-z][A-Za-z0-9]{0,62}$/, 63, 'OsTrialBootStatus');

/** Never starts with a dash, so that it can not be taken for an option of the `ostree` command. */
export const ostreeRef = worded(
  /^[A-Za-z0-9][A-Za-z0-9._-]*(?:\/[A-Za-z0-9_][A-Za-z0-9._-]*)*$/,
  255,
  'poky/aarch64/hub',
);

export const absolutePath = worded(/^(?:\/[A-Za-z0-9_][A-Za-z0-9._+-]*)+$/, 255, '/boot');

export const systemdUnit = worded(
  /^[A-Za-z0-9_][A-Za-z0-9:_.@\\-]*\.(?:service|target|socket|mount|timer|path|device|slice|scope|swap|automount)$/,
  255,
  'multi-user.target',
);

/** One line for people. */
export const line = z.string().min(1).max(LIMITS.shortText);
