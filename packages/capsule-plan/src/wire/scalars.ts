// The ids and units of our values as zod schemas, for everything that arrives from outside.

import {
  type ByteCount,
  bytes,
  type FirmwareVersion,
  firmwareVersion,
  type Generation,
  type Millis,
  millis,
  parseBootId,
  parseDeviceId,
  parseGeneration,
  parseGitCommit,
  parseGuid,
  parseName,
  parseOstreeCommit,
  parseSha256,
} from '@seatrial/spec';
import { z } from 'zod';

/** Text that a constructor of `@seatrial/spec` accepts. */
export const form = <T>(parse: (value: string) => T | undefined) =>
  z
    .string()
    .max(1024)
    .transform((value, context): T => {
      const parsed = parse(value);
      if (parsed !== undefined) return parsed;
      context.addIssue({ code: 'custom', message: 'not of its form' });
      return z.NEVER;
    });

export const text = z.string().max(1024);
export const shortText = z.string().max(256);
export const deviceId = form(parseDeviceId);
export const name = form(parseName);
export const guid = form(parseGuid);
export const sha256 = form(parseSha256);
export const ostreeCommit = form(parseOstreeCommit);
export const gitCommit = form(parseGitCommit);
export const bootId = form(parseBootId);
export const count = z.int().min(0);
export const millisecond = count.transform((value): Millis => millis(value));
export const byteCount = count.transform((value): ByteCount => bytes(value));
export const version = z
  .int()
  .min(0)
  .max(0xffffffff)
  .transform((value): FirmwareVersion => firmwareVersion(value));
export const generation = z
  .int()
  .min(1)
  .transform((value): Generation => parseGeneration(value) ?? z.NEVER);
/** 64 bits as `0x…`: JSON's numbers hold only 53. */
export const bits = z
  .string()
  .regex(/^0x[0-9a-f]{1,16}$/)
  .transform(hex => BigInt(hex));

/** 64 bits in the form that `bits` reads. */
export const hexOf = (value: bigint): string => `0x${value.toString(16)}`;

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

/** JSON bytes. Throws TypeError for a bigint: what holds one has a wire form of its own. */
export const toJsonBytes = (value: unknown): Uint8Array => encoder.encode(JSON.stringify(value));

/** After so many messages compiling their schema has paid: it costs milliseconds once, and saves two thirds of each. */
const WORTH_COMPILING = 100;

/** Reads bytes by a schema: undefined for those that are not UTF-8 JSON of it. */
export function jsonReader<T>(schema: z.ZodType<T>): (data: Uint8Array) => T | undefined {
  let reading = schema;
  let reads = 0;
  return data => {
    reads += 1;
    if (reads === WORTH_COMPILING) reading = z.compile(schema);
    try {
      return reading.safeParse(JSON.parse(decoder.decode(data))).data;
    } catch {
      return undefined;
    }
  };
}
