// `build`: a capsule from one CapsuleBuild document.

import { basename, dirname, resolve } from 'node:path';
import {
  type CapsuleBuild,
  findTarget,
  fvUpdateOf,
  imagesToUpdate,
  parseDependency,
  readCapsuleBuild,
} from '@seatrial/capsule-plan/capsule';
import { formatFirmwareVersion, issueOf, renderIssue } from '@seatrial/spec';
import type { Cli } from '../cli.ts';
import type { ExitCode } from '../exit-code.ts';
import { type Format, printJson } from '../output/format.ts';
import { CapsuleFailure, take } from './failure.ts';
import { type FinishedCapsule, finishCapsule } from './finish-capsule.ts';
import { closeAll, demandImages, type FoundImage, layOutImages } from './firmware-images.ts';
import { pairsFor } from './partition-pairs.ts';
import { type CapsuleSigner, openSigner, signingTimeOf } from './signer.ts';
import { readSmallFile } from './source-file.ts';
import { startWork } from './stoppable-work.ts';
import { tellCapsule } from './tell-capsule.ts';

export interface BuildOptions {
  readonly out?: string;
  readonly signingTime?: string;
  readonly strict?: boolean;
  readonly output: Format;
}

/** Every problem of the document at once, with positions, exit code 1; a failure of the build has exit code 2. */
export async function runBuild(cli: Cli, path: string, options: BuildOptions): Promise<ExitCode> {
  const text = (await readSmallFile(resolve(cli.cwd, path))).toString('utf8');
  const { build, findings } = readCapsuleBuild(text);
  if (build === undefined) {
    const issues = findings.map(({ code, message, offset }) =>
      issueOf(path, { code, message, ...placeOf(text, offset) }),
    );
    if (options.output === 'json') printJson(cli, { issues });
    else cli.out.write(issues.map(issue => `${renderIssue(issue, text)}\n\n`).join(''));
    return 1;
  }
  const finished = await buildFromDocument(cli, build, { ...options, base: dirname(resolve(cli.cwd, path)) });
  const version = formatFirmwareVersion(build.spec.version);
  tellCapsule(cli, options.output, { file: finished.out, version, ...finished });
  return 0;
}

function placeOf(text: string, offset: number): { readonly line: number; readonly column: number } {
  const lines = text.slice(0, offset).split('\n');
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
}

type BuildContext = BuildOptions & { readonly base: string };

async function buildFromDocument(
  cli: Cli,
  { spec }: CapsuleBuild,
  context: BuildContext,
): Promise<FinishedCapsule & { readonly out: string }> {
  const target = findTarget(spec.target);
  if (target === undefined) throw new CapsuleFailure('TARGET_UNKNOWN', `(${spec.target})`);
  const images = await imagesOf(spec, context.base);
  await demandImages(images);
  const signer = await documentSigner(cli, spec, context);
  const dependency = spec.dependencies === undefined ? undefined : take(parseDependency(spec.dependencies));
  const version = { fwVersion: spec.version, lowestSupportedFwVersion: spec.lowestSupported };
  const revision = spec.metadataRevision ?? (target.name === 'Glymur' ? 5 : 3);
  const volume = await layOutImages(images, { version, revision }, total => startWork(cli, 'Summing', total));
  const out = context.out === undefined ? resolve(context.base, spec.output) : resolve(cli.cwd, context.out);
  try {
    const finished = await finishCapsule(cli, {
      out,
      files: volume.files,
      payloads: [
        {
          ...version,
          signer,
          trustAnchors: (spec.signing?.trustAnchors ?? []).map(anchor => resolve(context.base, anchor)),
          imageTypeId: spec.guid ?? target.esrtGuid,
          body: volume.segments,
          dependency,
          hardwareInstance: spec.hardwareInstance,
          monotonicCount: spec.monotonicCount,
        },
      ],
    });
    return { ...finished, out };
  } finally {
    await closeAll(volume.files);
  }
}

/** Every image of the document at its pair of partitions. Fails with PARTITION_MISSING or as the table does. */
async function imagesOf(spec: CapsuleBuild['spec'], base: string): Promise<readonly FoundImage[]> {
  const { storage, pairs } = await pairsFor({ cwd: base }, { ...spec, table: spec.partitionTable });
  const wanted = spec.images.map(image => ({ ...image, name: image.entry ?? basename(image.file) }));
  const nowhere = wanted.filter(({ name }) => !pairs.some(({ inputBinary }) => inputBinary === name));
  if (nowhere.length > 0)
    throw new CapsuleFailure('PARTITION_MISSING', `(${nowhere.map(({ name }) => name).join(', ')})`);
  const twice = wanted.find(({ name }, n) => wanted.findIndex(other => other.name === name) !== n);
  if (twice !== undefined) throw new CapsuleFailure('DUP_DEST', `(${twice.name} is listed twice)`);
  const updated = wanted.filter(({ operation }) => operation === 'update');
  const update = fvUpdateOf(storage, pairs, new Set(updated.map(({ name }) => name)));
  return take(imagesToUpdate(update)).flatMap(image => {
    const found = updated.find(({ name }) => name === image.inputBinary);
    return found === undefined ? [] : [{ ...image, path: resolve(base, found.file), fileGuid: found.fileGuid }];
  });
}

async function documentSigner(
  cli: Cli,
  spec: CapsuleBuild['spec'],
  context: BuildContext,
): Promise<CapsuleSigner | undefined> {
  const { signing } = spec;
  if (signing === undefined) return undefined;
  const at = (path: string): string => resolve(context.base, path);
  const optional = (path: string | undefined): string | undefined => (path === undefined ? undefined : at(path));
  return await openSigner(cli, {
    certificate: at(signing.certificate),
    key: optional(signing.key),
    token: signing.token && {
      uri: signing.token.uri,
      module: signing.token.module,
      pinFile: optional(signing.token.pinFile),
    },
    passphraseFile: optional(signing.passphraseFile),
    chain: signing.chain.map(at),
    digestName: signing.digest,
    signingTimeMs: signingTimeOf(cli, context.signingTime ?? signing.signingTime),
    strict: context.strict === true,
  });
}
