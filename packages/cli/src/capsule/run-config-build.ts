// `build --config`: a capsule from the config.json of GenerateCapsule.

import { resolve } from 'node:path';
import { CAPSULE_FLAGS, type CapsuleConfig, type ConfigPayload, readConfigJson } from '@seatrial/capsule-plan/capsule';
import type { Cli } from '../cli.ts';
import { CapsuleFailure, take } from './failure.ts';
import { finishCapsule, type VolumeFile } from './finish-capsule.ts';
import { closeAll } from './firmware-images.ts';
import type { BuildOptions } from './run-build.ts';
import { type CapsuleSigner, openSigner, signingTimeOf } from './signer.ts';
import { readSmallFile, SourceFile } from './source-file.ts';
import { tellCapsule } from './tell-capsule.ts';

export interface ConfigBuildOptions extends BuildOptions {
  readonly out: string;
  readonly capflag: readonly (keyof typeof FLAG_NAMES)[];
  readonly capoemflag?: string;
  readonly opaque?: boolean;
}

export const FLAG_NAMES = {
  PersistAcrossReset: CAPSULE_FLAGS.persistAcrossReset,
  InitiateReset: CAPSULE_FLAGS.initiateReset,
} as const;

/** What GenerateCapsule does with the same file; paths in it count from the working directory, as there. */
export async function runConfigBuild(cli: Cli, path: string, options: ConfigBuildOptions): Promise<void> {
  const config = take(readConfigJson((await readSmallFile(resolve(cli.cwd, path))).toString('utf8')), path);
  const signers = await openSigners(cli, config, options);
  const files: SourceFile[] = [];
  const openPart = async (name: string) => {
    const file = await SourceFile.open(resolve(cli.cwd, name));
    files.push(file);
    return { kind: 'source' as const, source: { file, offset: 0 }, length: file.sizeBytes };
  };
  try {
    const drivers = [];
    for (const driver of config.drivers) drivers.push(await openPart(driver));
    const payloads = [];
    const volumes: VolumeFile[] = [];
    for (const [n, { guid, payload, signing, ...fields }] of config.payloads.entries()) {
      const body = await openPart(payload);
      if (options.opaque !== true) volumes.push({ segment: body, file: body.source.file, version: fields });
      const trustAnchors = signing === undefined ? [] : [resolve(cli.cwd, signing.trusted)];
      payloads.push({ ...fields, imageTypeId: guid, body: [body], signer: signers[n], trustAnchors });
    }
    const finished = await finishCapsule(cli, {
      payloads,
      drivers,
      flags: flagsOf(options),
      out: resolve(cli.cwd, options.out),
      files,
      volumes,
    });
    tellCapsule(cli, options.output, { file: options.out, ...finished });
  } finally {
    await closeAll(files);
  }
}

function flagsOf({ capflag, capoemflag }: ConfigBuildOptions): number {
  const oem = Number(capoemflag ?? 0);
  if (!Number.isInteger(oem) || oem < 0 || oem > 0xffff) throw new CapsuleFailure('CONFIG_VALUE', `(${capoemflag})`);
  return capflag.reduce((flags, name) => flags | FLAG_NAMES[name], oem);
}

/** The signer of each payload; one that signs several is opened, and asked for its passphrase, once. */
async function openSigners(
  cli: Cli,
  { payloads }: CapsuleConfig,
  options: BuildOptions,
): Promise<readonly (CapsuleSigner | undefined)[]> {
  const opened = new Map<string, CapsuleSigner>();
  const signers: (CapsuleSigner | undefined)[] = [];
  for (const { signing } of payloads) {
    const key = JSON.stringify(signing);
    const signer = signing && (opened.get(key) ?? (await openConfigSigner(cli, signing, options)));
    if (signer !== undefined) opened.set(key, signer);
    signers.push(signer);
  }
  return signers;
}

const openConfigSigner = async (
  cli: Cli,
  signing: NonNullable<ConfigPayload['signing']>,
  options: BuildOptions,
): Promise<CapsuleSigner> =>
  await openSigner(cli, {
    certificate: resolve(cli.cwd, signing.signer),
    chain: [resolve(cli.cwd, signing.other)],
    digestName: signing.digestName,
    signingTimeMs: signingTimeOf(cli, options.signingTime),
    strict: options.strict === true,
  });
