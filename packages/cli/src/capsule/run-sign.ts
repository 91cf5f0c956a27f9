// `sign`: the payloads of a capsule, or of a bare firmware volume, under a signature of one's own.

import { resolve } from 'node:path';
import {
  EDK2_POLICY,
  findTarget,
  type InspectedPayload,
  type PayloadInput,
  readVersionFile,
  type SigningDigest,
} from '@seatrial/capsule-plan/capsule';
import { type Guid, parseGuid } from '@seatrial/spec';
import type { Cli } from '../cli.ts';
import type { Format } from '../output/format.ts';
import { CapsuleFailure, take } from './failure.ts';
import { finishCapsule } from './finish-capsule.ts';
import { judgeFile } from './judge-file.ts';
import { openSigner, signingTimeOf } from './signer.ts';
import { readSmallFile, SourceFile } from './source-file.ts';
import { tellCapsule } from './tell-capsule.ts';
import type { FilePart } from './write-capsule.ts';

export interface SignOptions {
  readonly certificate: string;
  readonly key?: string;
  readonly pkcs11?: string;
  readonly module?: string;
  readonly pinFile?: string;
  readonly passphraseFile?: string;
  readonly chain: readonly string[];
  readonly trust: readonly string[];
  readonly digest: SigningDigest;
  readonly signingTime?: string;
  readonly strict?: boolean;
  readonly out: string;
  /** For a firmware volume instead of a capsule. */
  readonly versionFile?: string;
  readonly target?: string;
  readonly guid?: string;
  readonly output: Format;
}

type UnsignedInput = Omit<PayloadInput<FilePart>, 'signatureBytes'>;

export async function runSign(cli: Cli, path: string, options: SignOptions): Promise<void> {
  const at = (name: string): string => resolve(cli.cwd, name);
  const optional = (name: string | undefined): string | undefined => (name === undefined ? undefined : at(name));
  const signer = await openSigner(cli, {
    certificate: at(options.certificate),
    key: optional(options.key),
    token:
      options.pkcs11 === undefined
        ? undefined
        : { uri: options.pkcs11, module: options.module, pinFile: optional(options.pinFile) },
    passphraseFile: optional(options.passphraseFile),
    chain: options.chain.map(at),
    digestName: options.digest,
    signingTimeMs: signingTimeOf(cli, options.signingTime),
    strict: options.strict === true,
  });
  const file = await SourceFile.open(at(path));
  try {
    const source =
      options.versionFile === undefined ? await capsuleSource(cli, file) : await volumeSource(cli, file, options);
    const trustAnchors = options.trust.map(at);
    const payloads = source.payloads.map(payload => ({ ...payload, signer, trustAnchors }));
    const finished = await finishCapsule(cli, { ...source, payloads, out: at(options.out), files: [file] });
    tellCapsule(cli, options.output, { file: options.out, ...finished });
  } finally {
    await file.close();
  }
}

const part = (file: SourceFile, range: { readonly offset: number; readonly length: number }) => ({
  kind: 'source' as const,
  source: { file, offset: range.offset },
  length: range.length,
});

/** The payloads of a capsule; signatures that it has are replaced, but never by one over bytes that a signature contradicts. */
async function capsuleSource(cli: Cli, file: SourceFile) {
  const policy = { ...EDK2_POLICY, unsigned: 'accept' as const, drivers: 'accept' as const };
  const verdict = await judgeFile(cli, file.path, { trust: { kind: 'unjudged' }, policy });
  if (verdict.kind === 'refused') throw new CapsuleFailure(verdict.error.code, `(${verdict.error.detail})`);
  const { envelope, payloads } = verdict.capsule;
  if (envelope.kind !== 'fmp') throw new CapsuleFailure('FMP_NO_ITEMS', `(a capsule of kind ${envelope.kind})`);
  const inputs: UnsignedInput[] = [];
  for (const payload of payloads) inputs.push(await payloadInput(file, payload));
  const drivers = envelope.drivers.map(range => part(file, range));
  const headerBytes = envelope.frame.headerSize === 28 ? (28 as const) : (32 as const);
  return { payloads: inputs, drivers, flags: envelope.frame.flags, headerBytes };
}

async function payloadInput(
  file: SourceFile,
  { image, head, authentication }: InspectedPayload,
): Promise<UnsignedInput> {
  if (head === undefined) throw new CapsuleFailure('PAYLOAD_SIGNATURE', '(no payload header)');
  const vendorCode = Uint8Array.from(await file.readAt(image.vendorCode));
  await file.release();
  return {
    imageTypeId: image.header.updateImageTypeId,
    imageIndex: image.header.updateImageIndex,
    hardwareInstance: image.header.updateHardwareInstance,
    monotonicCount: authentication?.monotonicCount ?? 2n,
    fwVersion: head.header.fwVersion,
    lowestSupportedFwVersion: head.header.lowestSupportedVersion,
    dependency: head.dependency?.steps,
    body: [part(file, head.body)],
    vendorCode,
  };
}

/** A firmware volume with what its capsule says about it. */
async function volumeSource(cli: Cli, file: SourceFile, options: SignOptions) {
  const versionFile = options.versionFile ?? '';
  const version = take(readVersionFile(await readSmallFile(resolve(cli.cwd, versionFile))), versionFile);
  const body = part(file, { offset: 0, length: file.sizeBytes });
  return {
    payloads: [{ ...version, imageTypeId: guidOf(options), body: [body] }],
    volumes: [{ segment: body, file, version }],
  };
}

function guidOf({ target, guid }: SignOptions): Guid {
  const chosen = target === undefined ? parseGuid(guid ?? '') : findTarget(target)?.esrtGuid;
  if (chosen !== undefined) return chosen;
  throw new CapsuleFailure(
    target === undefined ? 'CONFIG_VALUE' : 'TARGET_UNKNOWN',
    `(${target ?? guid ?? 'give --target'})`,
  );
}
