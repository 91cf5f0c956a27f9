// Reads the written forms that are neither ids nor units: cron times, time zones, URLs, timestamps, public keys.

import { Cron } from 'croner';
import type { Branded } from '../ids.ts';
import { type Millis, millis } from '../units.ts';

/** Five cron fields (minute, hour, day, month, weekday) that fire at some time. */
export type CronText = Branded<string, 'CronText'>;
/** `device` for the board's own zone, or an IANA name. */
export type TimeZone = Branded<string, 'TimeZone'>;
/** An `http` or `https` URL in printable ASCII, without user name and password. */
export type HttpUrl = Branded<string, 'HttpUrl'>;
/** The 32 raw bytes of an Ed25519 public key in standard, padded base64. */
export type PublicKey = Branded<string, 'PublicKey'>;

// A fixed moment, so that the verdict does not depend on the day; four years hold every date that exists.
const CRON_EPOCH = new Date(Date.UTC(2024, 0, 1));

/** Texts that fire, and are not worked out again for every plan that is read. */
const KNOWN_CRONS = new Set<string>();
const MOST_KNOWN_CRONS = 1_000;

export function parseCron(text: string): CronText | undefined {
  if (KNOWN_CRONS.has(text)) return text as CronText;
  try {
    const cron = new Cron(text, { paused: true, mode: '5-part', timezone: 'UTC' });
    if (text.startsWith('@') || cron.nextRun(CRON_EPOCH) === null) return undefined;
    if (KNOWN_CRONS.size < MOST_KNOWN_CRONS) KNOWN_CRONS.add(text);
    return text as CronText;
  } catch {
    return undefined;
  }
}

/** Zones that are known, and are not looked up again: a calendar for each would be made for every plan that is read. */
const KNOWN_ZONES = new Set<string>(['device']);
/** There are 600 names. */
const MOST_KNOWN_ZONES = 1_000;

export function parseTimeZone(text: string): TimeZone | undefined {
  if (KNOWN_ZONES.has(text)) return text as TimeZone;
  if (!/^[A-Za-z]/.test(text)) return undefined;
  try {
    new Intl.DateTimeFormat('en', { timeZone: text });
    if (KNOWN_ZONES.size < MOST_KNOWN_ZONES) KNOWN_ZONES.add(text);
    return text as TimeZone;
  } catch {
    return undefined;
  }
}

/** Credentials are refused because the text is public to everyone who reads the repository, and goes into plans. */
export function parseUrl(text: string): HttpUrl | undefined {
  if (!/^https?:\/\/[!-~]+$/.test(text) || !URL.canParse(text)) return undefined;
  const { username, password } = new URL(text);
  return username === '' && password === '' ? (text as HttpUrl) : undefined;
}

/** A UTC moment to the second, RFC 3339. */
export function parseTimestamp(text: string): Millis | undefined {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text)) return undefined;
  const at = Date.parse(text);
  // Date.parse rolls 31 February over into March: such a text does not come back.
  return Number.isNaN(at) || new Date(at).toISOString() !== text.replace('Z', '.000Z') ? undefined : millis(at);
}

export function parsePublicKey(text: string): PublicKey | undefined {
  const raw = Buffer.from(text, 'base64');
  return raw.length === 32 && raw.toString('base64') === text ? (text as PublicKey) : undefined;
}
