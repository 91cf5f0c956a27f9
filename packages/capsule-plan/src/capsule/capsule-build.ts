// CapsuleBuild: the build of a firmware capsule as a document that can lie in git. The schema, and its reading with positions.

import {
  API_VERSION,
  type Finding,
  type FirmwareVersion,
  findingsOf,
  type Guid,
  parseFirmwareVersion,
  parseGuid,
  parseName,
  readSource,
} from '@seatrial/spec';
import { z } from 'zod';
import { FLASH_TYPES } from './disk-types.ts';

const parsed = <T>(parse: (text: string) => T | undefined, wanted: string) =>
  z.string().transform((text, context): T => {
    const value = parse(text);
    if (value !== undefined) return value;
    context.addIssue({ code: 'custom', message: `must be ${wanted}` });
    return z.NEVER;
  });

const MAX_U64 = 0xffff_ffff_ffff_ffffn;

/** YAML's numbers end at 2^53: what is larger is written in quotes, in decimal or hex. */
const u64 = z.unknown().transform((given, context): bigint => {
  const isWhole = typeof given === 'number' ? Number.isSafeInteger(given) && given >= 0 : isWholeText(given);
  const value = isWhole ? BigInt(given as number | string) : -1n; // one of the two, by the line above
  if (value >= 0n && value <= MAX_U64) return value;
  context.addIssue({ code: 'custom', message: 'must be a whole number below 2^64, in quotes from 2^53 on' });
  return z.NEVER;
});

const isWholeText = (given: unknown): boolean =>
  typeof given === 'string' && /^(?:\d{1,20}|0x[0-9A-Fa-f]{1,16})$/.test(given);

const version = parsed<FirmwareVersion>(parseFirmwareVersion, 'a version 0.0.A.B with A and B up to 65535');
const path = z.string().min(1).max(4096);

const Image = z.strictObject({
  /** The image; its last part names the entry of the partition table unless `entry` does. */
  file: path,
  entry: z.string().min(1).max(255).optional(),
  operation: z.enum(['update', 'ignore']).default('update'),
  fileGuid: parsed<Guid>(parseGuid, 'a GUID').optional(),
});

const Token = z.strictObject({
  /** RFC 7512 URI of the private key; it never leaves the token. */
  uri: z.string().startsWith('pkcs11:'),
  module: path.optional(),
  pinFile: path.optional(),
});

const Signing = z
  .strictObject({
    /** PEM with the signer's certificate, and with its key unless `key` or `token` says where that is. */
    certificate: path,
    key: path.optional(),
    token: Token.optional(),
    passphraseFile: path.optional(),
    /** Certificates between the signer and the root, in the order in which they shall stand. */
    chain: z.array(path).max(8).default([]),
    /** What the finished capsule is verified against before it appears. */
    trustAnchors: z.array(path).max(8).default([]),
    digest: z.enum(['sha256', 'sha384', 'sha512']).default('sha256'),
    /** Now unless given; a fixed time makes the capsule reproducible. */
    signingTime: z.iso.datetime().optional(),
  })
  .refine(({ key, token }) => key === undefined || token === undefined, {
    message: 'names both a key and a token',
    path: ['token'],
  });

export const CapsuleBuild = z.strictObject({
  apiVersion: z.literal(API_VERSION),
  kind: z.literal('CapsuleBuild'),
  metadata: z.strictObject({ name: parsed(parseName, 'a name of a-z, 0-9, dots and hyphens') }),
  spec: z.strictObject({
    /** As `seatrial capsule fv-xml --list` names it. */
    target: z.string().min(1).max(64),
    storage: z.enum(FLASH_TYPES),
    /** A partitions.conf in place of the target's own table. */
    partitionTable: path.optional(),
    version,
    lowestSupported: version,
    /** Overrides the target's ESRT GUID. */
    guid: parsed<Guid>(parseGuid, 'a GUID').optional(),
    images: z.array(Image).min(1).max(128),
    metadataRevision: z.union([z.literal(3), z.literal(5)]).optional(),
    dependencies: z.string().max(4096).optional(),
    hardwareInstance: u64.default(0n),
    monotonicCount: u64.default(2n),
    signing: Signing.optional(),
    output: path,
  }),
});
export type CapsuleBuild = z.infer<typeof CapsuleBuild>;

export interface CapsuleBuildReading {
  /** Absent where there are findings. */
  readonly build?: CapsuleBuild;
  readonly findings: readonly Finding[];
}

/** The one document of a file, or everything that is wrong with it. */
export function readCapsuleBuild(text: string): CapsuleBuildReading {
  const source = readSource(text);
  const [document, second] = source.documents;
  if (document === undefined || second !== undefined) {
    const message = `a CapsuleBuild file holds one document, this one has ${source.documents.length}`;
    return { findings: [...source.findings, { code: 'not-a-document', offset: 0, message }] };
  }
  const result = CapsuleBuild.safeParse(document.value);
  const findings = [
    ...source.findings,
    ...(result.success ? [] : result.error.issues.flatMap(issue => findingsOf(issue, document))),
  ];
  return result.success && findings.length === 0 ? { build: result.data, findings } : { findings };
}
