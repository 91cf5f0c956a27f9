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

/** JSON bytes with bigints in the form that `bits` reads. */
export const toJsonBytes = (value: unknown): Uint8Array =>
  new TextEncoder().encode(
    JSON.stringify(value, (_key, member: unknown) =>
      typeof member === 'bigint' ? `0x${member.toString(16)}` : member,
    ),
  );

/** Undefined for bytes that are not UTF-8 JSON of this schema. */
export function fromJsonBytes<T>(schema: z.ZodType<T>, data: Uint8Array): T | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(data));
    return schema.safeParse(value).data;
  } catch {
    return undefined;
  }
}
