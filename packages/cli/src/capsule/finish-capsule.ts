// The last step of every build: all checks, then the file, which appears under its name only when it is whole.

import {
  BlockSums,
  type CapsuleInput,
  layOutCapsule,
  type PayloadInput,
  type Segment,
  type SystemFirmwareVersion,
  signerProblem,
} from '@seatrial/capsule-plan/capsule';
import type { Cli } from '../cli.ts';
import { CapsuleFailure, take } from './failure.ts';
import { demandVolume, readAnchors } from './judge-file.ts';
import { writeWhole } from './output-file.ts';
import type { CapsuleSigner } from './signer.ts';
import type { SourceFile } from './source-file.ts';
import { startWork } from './stoppable-work.ts';
import { type FilePart, sourceBytes, writeCapsule } from './write-capsule.ts';

/** A payload and who signs it; nobody leaves it unsigned. */
export interface OrderedPayload extends Omit<PayloadInput<FilePart>, 'signatureBytes'> {
  readonly signer: CapsuleSigner | undefined;
  /** What the signer must chain to; empty leaves that open. */
  readonly trustAnchors: readonly string[];
}

export interface CapsuleOrder extends Omit<CapsuleInput<FilePart>, 'payloads'> {
  readonly payloads: readonly OrderedPayload[];
  /** Where the capsule goes, absolute. */
  readonly out: string;
  /** Every file that goes in: none may change meanwhile. */
  readonly files: readonly SourceFile[];
  /** Whole files that must be firmware volumes of these versions, and are judged while they are copied. */
  readonly volumes?: readonly VolumeFile[];
}

export interface VolumeFile {
  readonly segment: Segment<FilePart>;
  readonly file: SourceFile;
  readonly version: SystemFirmwareVersion;
}

export interface FinishedCapsule {
  readonly sizeBytes: number;
  /** Every payload is. */
  readonly signed: boolean;
}

/**
 * Payloads that are not among `volumes` must have been judged already. Fails as the layout does, with what a volume lacks,
 * with AUTH_UNTRUSTED, KEY_MISMATCH, OUTPUT_FAILED or INPUT_CHANGED; then no file appears.
 */
export async function finishCapsule(cli: Cli, order: CapsuleOrder): Promise<FinishedCapsule> {
  const payloads = order.payloads.map(payload => ({ ...payload, signatureBytes: payload.signer?.blockBytes }));
  const plan = take(layOutCapsule({ ...order, payloads }));
  for (const { signer, trustAnchors } of payloads)
    if (signer !== undefined && trustAnchors.length > 0) await demandTrusted(signer, trustAnchors);
  const signers = payloads.map(({ signer }) => signer);
  const progress = startWork(cli, 'Building', sourceBytes(plan.segments));
  const volumes = new Map((order.volumes ?? []).map(volume => [volume.segment, { ...volume, sums: new BlockSums(0) }]));
  const watch = (segment: Segment<FilePart>, chunk: Uint8Array): void => {
    volumes.get(segment)?.sums.add(chunk);
    if (segment.kind === 'source') progress.advance(chunk.length);
  };
  const check = async (): Promise<void> => {
    for (const { file, version, sums } of volumes.values()) await demandVolume(file, version, sums);
    for (const file of order.files) await file.demandUnchanged();
  };
  try {
    await writeWhole(order.out, file => writeCapsule(file, plan, { signers, watch }), { check });
  } finally {
    progress.end();
  }
  return { sizeBytes: plan.sizeBytes, signed: signers.every(signer => signer !== undefined) };
}

async function demandTrusted({ identity }: CapsuleSigner, paths: readonly string[]): Promise<void> {
  const signer = { certificate: identity.certificate.raw, others: identity.others.map(({ raw }) => raw) };
  const policy = { strict: false, atMs: identity.signingTimeMs };
  const problem = signerProblem(signer, await readAnchors(paths), policy);
  if (problem !== undefined) throw new CapsuleFailure(problem.code, `(${problem.detail})`);
}
