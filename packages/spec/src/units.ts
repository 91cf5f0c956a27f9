// Quantities as branded numbers, and the text forms that the YAML uses for them.

import type { Branded } from './ids.ts';

export type ByteCount = Branded<number, 'ByteCount'>;
/** A length of time or a moment since 1970, in milliseconds. */
export type Millis = Branded<number, 'Millis'>;
export type BytesPerSecond = Branded<number, 'BytesPerSecond'>;
/** Firmware `0.0.A.B` as the u32 `(A << 16) | B` that the ESRT shows. */
export type FirmwareVersion = Branded<number, 'FirmwareVersion'>;

export const bytes = (count: number): ByteCount => count as ByteCount;
export const millis = (count: number): Millis => count as Millis;
export const firmwareVersion = (u32: number): FirmwareVersion => (u32 >>> 0) as FirmwareVersion;

const DURATION_UNITS_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const SIZE_UNITS_BYTES: Readonly<Record<string, number>> = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 };

const scaled = (text: string, pattern: RegExp, units: Readonly<Record<string, number>>): number | undefined => {
  const [, digits, unit] = pattern.exec(text) ?? [];
  const factor = units[unit ?? ''];
  if (digits === undefined || factor === undefined) return undefined;
  const value = Number(digits) * factor;
  return Number.isSafeInteger(value) ? value : undefined;
};

/** `30s`, `15m`, `24h`, `7d`. */
export const parseDuration = (text: string): Millis | undefined => {
  const value = scaled(text, /^(\d+)(s|m|h|d)$/, DURATION_UNITS_MS);
  return value === undefined ? undefined : millis(value);
};

/** `4096B`, `512KiB`, `200MiB`, `2GiB`. */
export const parseSize = (text: string): ByteCount | undefined => {
  const value = scaled(text, /^(\d+)(B|KiB|MiB|GiB)$/, SIZE_UNITS_BYTES);
  return value === undefined ? undefined : bytes(value);
};

/** `512KiB/s`. */
export const parseRate = (text: string): BytesPerSecond | undefined => {
  const value = text.endsWith('/s') ? parseSize(text.slice(0, -2)) : undefined;
  return value === undefined || Number(value) === 0 ? undefined : (Number(value) as BytesPerSecond);
};

/** `1%` to `100%`, as the number before the sign; fractions such as `0.5%` are allowed. */
export const parsePercent = (text: string): number | undefined => {
  const [, digits] = /^(\d{1,3}(?:\.\d{1,3})?)%$/.exec(text) ?? [];
  const value = Number(digits);
  return digits !== undefined && value <= 100 ? value : undefined;
};

/** `0.0.A.B` with A and B of 16 bits each. The reference tool ignores the first two numbers; we demand that they are 0. */
export const parseFirmwareVersion = (text: string): FirmwareVersion | undefined => {
  const [, high, low] = /^0\.0\.(\d{1,5})\.(\d{1,5})$/.exec(text) ?? [];
  const [a, b] = [Number(high), Number(low)];
  return high !== undefined && a <= 0xffff && b <= 0xffff ? firmwareVersion(a * 0x10000 + b) : undefined;
};

export const formatFirmwareVersion = (version: FirmwareVersion): string => `0.0.${version >>> 16}.${version & 0xffff}`;

const largestUnit = (value: number, units: Readonly<Record<string, number>>): readonly [string, number] => {
  const fitting = Object.entries(units).filter(([, factor]) => value >= factor);
  return fitting.at(-1) ?? Object.entries(units)[0] ?? ['', 1];
};

/** For people: `1.5 MiB`, `300 B`. */
export const formatBytes = (count: number): string => {
  const [unit, factor] = largestUnit(count, SIZE_UNITS_BYTES);
  return `${Number((count / factor).toFixed(1))} ${unit}`;
};

/** For people: `6h`, `1.5d`, `30s`. */
export const formatDuration = (ms: number): string => {
  const [unit, factor] = largestUnit(ms, DURATION_UNITS_MS);
  return `${Number((ms / factor).toFixed(1))}${unit}`;
};
