// config.json of GenerateCapsule: written as update-json writes it, read with every value checked.

import { err, type FirmwareVersion, firmwareVersion, type Guid, ok, type Result } from '@seatrial/spec';
import { z } from 'zod';
import { looseGuid } from '../bytes/guid.ts';
import type { DependencyStep } from './dependency.ts';
import { parseDependency } from './dependency-text.ts';
import { type CapsuleError, capsuleError } from './errors.ts';
import type { SigningDigest } from './pkcs7/algorithms.ts';

/** The paths of one payload's credentials, as stored. */
export interface ConfigSigning {
  readonly signer: string;
  readonly other: string;
  readonly trusted: string;
  readonly digestName: SigningDigest;
}

export interface ConfigPayload {
  readonly guid: Guid;
  readonly fwVersion: FirmwareVersion;
  readonly lowestSupportedFwVersion: FirmwareVersion;
  readonly monotonicCount: bigint;
  readonly hardwareInstance: bigint;
  readonly imageIndex: number;
  readonly payload: string;
  readonly dependency: readonly DependencyStep[] | undefined;
  /** Only where all three paths are there; else the payload stays unsigned. */
  readonly signing: ConfigSigning | undefined;
}

export interface CapsuleConfig {
  readonly payloads: readonly ConfigPayload[];
  /** Paths of embedded drivers. */
  readonly drivers: readonly string[];
}

/** What update-json is told. */
export interface ConfigInput {
  readonly guid: string;
  readonly fwVersion: number;
  readonly lowestSupportedFwVersion: number;
  readonly kind: 'SYS_FW' | 'EC_FW';
  readonly payload: string;
  readonly signer: string;
  readonly other: string;
  readonly trusted: string;
}

const hex = (value: number, kind: ConfigInput['kind']): string =>
  `0x${value.toString(16).padStart(kind === 'EC_FW' ? 8 : 1, '0')}`;

/** The file that update-json creates, without a last line end. */
export const writeConfigJson = (input: ConfigInput): string =>
  JSON.stringify(
    {
      Payloads: [
        {
          Guid: input.guid,
          FwVersion: hex(input.fwVersion, input.kind),
          LowestSupportedVersion: hex(input.lowestSupportedFwVersion, input.kind),
          MonotonicCount: '0x2',
          HardwareInstance: '0x0',
          UpdateImageIndex: '0x1',
          Payload: input.payload,
          OpenSslSignerPrivateCertFile: input.signer,
          OpenSslOtherPublicCertFile: input.other,
          OpenSslTrustedPublicCertFile: input.trusted,
          SigningToolPath: '',
        },
      ],
    },
    null,
    4,
  );

/** Python's `int(text, 0)`: decimal without leading zeros, or 0x. */
const integerText = z
  .string()
  .regex(/^(?:0[xX][0-9A-Fa-f]{1,16}|0|[1-9][0-9]{0,19})$/, 'a decimal or 0x integer in quotes');
const bounded = (most: bigint) => integerText.transform(BigInt).refine(value => value <= most, `at most ${most}`);
const u32 = bounded(0xffff_ffffn).transform(Number);
const u64 = bounded(0xffff_ffff_ffff_ffffn);

const Payload = z.object({
  Guid: z.string().transform((text, context): Guid => {
    const guid = looseGuid(text);
    if (guid !== undefined) return guid;
    context.addIssue({ code: 'custom', message: 'not a GUID' });
    return z.NEVER;
  }),
  FwVersion: u32,
  LowestSupportedVersion: u32,
  MonotonicCount: u64.default(0n),
  HardwareInstance: u64.default(0n),
  UpdateImageIndex: bounded(255n)
    .transform(Number)
    .refine(index => index >= 1, 'at least 1')
    .default(1),
  Payload: z.string().min(1),
  HashAlgorithm: z.enum(['sha256', 'sha384', 'sha512']).default('sha256'),
  Dependencies: z.string().optional(),
  OpenSslSignerPrivateCertFile: z.string().min(1).optional(),
  OpenSslOtherPublicCertFile: z.string().min(1).optional(),
  OpenSslTrustedPublicCertFile: z.string().min(1).optional(),
});

const Config = z.object({
  Payloads: z.array(Payload).min(1),
  EmbeddedDrivers: z.array(z.object({ Driver: z.string().min(1) })).default([]),
});

/** Reads the file. Fails with CONFIG_JSON, CONFIG_VALUE or DEPENDENCY_TEXT. */
export function readConfigJson(text: string): Result<CapsuleConfig, CapsuleError> {
  const json = parseJson(text);
  if (json === undefined) return err(capsuleError('CONFIG_JSON', 'not JSON'));
  const config = Config.safeParse(json);
  if (!config.success) {
    const [issue] = config.error.issues;
    return err(capsuleError('CONFIG_VALUE', `${issue?.path.join('.')}: ${issue?.message}`));
  }
  const payloads: ConfigPayload[] = [];
  for (const payload of config.data.Payloads) {
    const read = payloadOf(payload);
    if (!read.ok) return read;
    payloads.push(read.value);
  }
  return ok({ payloads, drivers: config.data.EmbeddedDrivers.map(({ Driver }) => Driver) });
}

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

function payloadOf(payload: z.infer<typeof Payload>): Result<ConfigPayload, CapsuleError> {
  const dependency = payload.Dependencies === undefined ? ok(undefined) : parseDependency(payload.Dependencies);
  if (!dependency.ok) return dependency;
  return ok({
    guid: payload.Guid,
    fwVersion: firmwareVersion(payload.FwVersion),
    lowestSupportedFwVersion: firmwareVersion(payload.LowestSupportedVersion),
    monotonicCount: payload.MonotonicCount,
    hardwareInstance: payload.HardwareInstance,
    imageIndex: payload.UpdateImageIndex,
    payload: payload.Payload,
    dependency: dependency.value,
    signing: signingOf(payload),
  });
}

function signingOf(payload: z.infer<typeof Payload>): ConfigSigning | undefined {
  const { OpenSslSignerPrivateCertFile: signer, OpenSslOtherPublicCertFile: other } = payload;
  const { OpenSslTrustedPublicCertFile: trusted, HashAlgorithm: digestName } = payload;
  return signer === undefined || other === undefined || trusted === undefined
    ? undefined
    : { signer, other, trusted, digestName };
}

/** Version and floor out of an embedded controller's image: `EC VER:` and `LsFv:` with two decimal pairs. Fails with VERSION_FILE. */
export function readEcVersions(
  image: Uint8Array,
): Result<{ fwVersion: FirmwareVersion; lowestSupportedFwVersion: FirmwareVersion }, CapsuleError> {
  const text = Buffer.from(image).toString('latin1');
  const after = (mark: string): FirmwareVersion | undefined => {
    const at = text.indexOf(mark);
    const rest = at < 0 ? '' : text.slice(at + mark.length);
    const [high, low] = [rest.slice(3, 5), rest.slice(6, 8)];
    return /^\d\d$/.test(high) && /^\d\d$/.test(low)
      ? firmwareVersion(Number(high) * 0x10000 + Number(low))
      : undefined;
  };
  const [fwVersion, lowestSupportedFwVersion] = [after('EC VER:'), after('LsFv:')];
  return fwVersion === undefined || lowestSupportedFwVersion === undefined
    ? err(capsuleError('VERSION_FILE', 'no EC VER or LsFv in the image'))
    : ok({ fwVersion, lowestSupportedFwVersion });
}
