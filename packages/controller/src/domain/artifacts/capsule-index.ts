// The index of capsules: a JSON file that a build writes beside them, read as if an enemy had written it.

import {
  bytes as byteCount,
  err,
  type FirmwareVersion,
  ok,
  parseFirmwareVersion,
  parseSha256,
  parseUrl,
  type Result,
} from '@seatrial/spec';
import { z } from 'zod';
import { type FirmwareArtifact, MOST_NOTES } from './artifact.ts';

export const MOST_INDEX_BYTES = 4 * 1024 * 1024;
/** The ESP of the largest board holds less. */
const MOST_CAPSULE_BYTES = 1024 ** 3;

const formed = <T>(parse: (text: string) => T | undefined, wanted: string) =>
  z
    .string()
    .max(2_048)
    .transform((text, context): T => {
      const value = parse(text);
      if (value !== undefined) return value;
      context.addIssue({ code: 'custom', message: `is no ${wanted}` });
      return z.NEVER;
    });

const version = formed(parseFirmwareVersion, 'version of the form 0.0.A.B');

const Entry = z.strictObject({
  name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,58}\.cap$/),
  version,
  size: z.int().min(1).max(MOST_CAPSULE_BYTES),
  sha256: formed(parseSha256, 'SHA-256'),
  /** Absolute, or relative to the index. */
  url: z.string().min(1).max(2_048),
  lowestSupported: version,
  minimumFrom: version.optional(),
  notes: z.string().max(16_384).optional(),
});

const Index = z.strictObject({ schema: z.literal(1), capsules: z.array(Entry).max(10_000) });
/** As a build writes it. */
export type CapsuleIndex = z.input<typeof Index>;

/**
 * Firmware by version, newest first. Several capsules of one version belong together. The error says what is wrong and where;
 * nothing of an index that has an error is used. `base` is where the index lies.
 */
export function readCapsuleIndex(json: Uint8Array, base: string): Result<readonly FirmwareArtifact[], string> {
  const parsed = parseJson(json);
  if (!parsed.ok) return parsed;
  const index = Index.safeParse(parsed.value);
  if (!index.success) {
    const [issue] = index.error.issues;
    return err(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'is not valid'}`);
  }
  const versions = new Map<FirmwareVersion, FirmwareArtifact>();
  for (const { name, size, sha256, url: written, notes, ...firmware } of index.data.capsules) {
    const url = parseUrl(absolute(written, base));
    if (url === undefined) return err(`${name}: its url is not http or https`);
    const before = versions.get(firmware.version);
    if (before !== undefined && !belongsTo(before, { ...firmware, name })) {
      return err(`${name}: does not fit the other capsules of its version`);
    }
    const capsule = { name, url, sizeBytes: byteCount(size), sha256 };
    const { minimumFrom, ...rest } = firmware;
    const told = notes?.slice(0, MOST_NOTES) ?? before?.notes;
    versions.set(firmware.version, {
      ...rest,
      ...(minimumFrom !== undefined && { minimumFrom }),
      capsules: [...(before?.capsules ?? []), capsule],
      ...(told !== undefined && { notes: told }),
    });
  }
  return ok([...versions.values()].sort((a, b) => b.version - a.version));
}

const belongsTo = (
  { lowestSupported, minimumFrom, capsules }: FirmwareArtifact,
  other: {
    readonly lowestSupported: FirmwareVersion;
    readonly minimumFrom?: FirmwareVersion | undefined;
    readonly name: string;
  },
): boolean =>
  lowestSupported === other.lowestSupported &&
  minimumFrom === other.minimumFrom &&
  !capsules.some(({ name }) => name.toLowerCase() === other.name.toLowerCase());

function absolute(url: string, base: string): string {
  try {
    return new URL(url, base).href;
  } catch {
    return url;
  }
}

function parseJson(bytes: Uint8Array): Result<unknown, string> {
  try {
    return ok(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)));
  } catch {
    return err('is no JSON');
  }
}
