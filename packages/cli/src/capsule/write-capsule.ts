// Writes a planned capsule: one pass over its sources that hashes and writes at once, then the signatures into their places.

import { createHash, type Hash } from 'node:crypto';
import {
  type CapsulePlan,
  CHUNK_BYTES,
  type PayloadPlan,
  type Segment,
  segmentBytes,
  sum8,
} from '@seatrial/capsule-plan/capsule';
import type { OutputFile } from './output-file.ts';
import type { CapsuleSigner } from './signer.ts';
import type { SourceFile } from './source-file.ts';

/** Part of an open file. */
export interface FilePart {
  readonly file: SourceFile;
  readonly offset: number;
}

type Advance = (bytes: number) => void;
type Watch = (segment: Segment<FilePart>, chunk: Uint8Array) => void;

/** The 8-bit sum of a part. */
export async function sumOf({ file, offset }: FilePart, length: number, advance: Advance): Promise<number> {
  let sum = 0;
  for await (const chunk of chunksOf({ kind: 'source', source: { file, offset }, length })) {
    sum += sum8(chunk);
    advance(chunk.length);
  }
  return sum & 0xff;
}

/** Literal bytes as one chunk, sources in chunks that are valid until the next one is asked for. */
async function* chunksOf(segment: Segment<FilePart>): AsyncGenerator<Uint8Array> {
  if (segment.kind === 'bytes') {
    yield segment.bytes;
    return;
  }
  const { file, offset } = segment.source;
  const end = offset + segment.length;
  for (let at = offset; at < end; at += CHUNK_BYTES)
    yield await file.readAt({ offset: at, length: Math.min(CHUNK_BYTES, end - at) });
  await file.release();
}

/** Writes segments one after the other; `watch` sees each chunk while it is on its way to the disk. */
export async function writeSegments(
  output: OutputFile,
  segments: readonly Segment<FilePart>[],
  watch: Watch,
): Promise<void> {
  let at = 0;
  for (const segment of segments) {
    for await (const chunk of chunksOf(segment)) {
      const written = output.writeAt(chunk, at);
      watch(segment, chunk);
      await written;
      at += chunk.length;
    }
  }
}

/** What is hashed for a payload, and who signs the hash. */
interface PayloadHash {
  readonly payload: PayloadPlan<FilePart>;
  readonly signer: CapsuleSigner;
  readonly hash: Hash;
}

/** The whole capsule. `signers`: one for each payload that has a place for a signature. */
export async function writeCapsule(
  output: OutputFile,
  plan: CapsulePlan<FilePart>,
  { signers, watch }: { readonly signers: readonly (CapsuleSigner | undefined)[]; readonly watch: Watch },
): Promise<void> {
  const hashes = plan.payloads.flatMap((payload, n) => newHash(payload, signers[n]));
  const hashOf = new Map(
    hashes.flatMap(({ payload, hash }) => payload.signed.map(segment => [segment, hash] as const)),
  );
  await writeSegments(output, plan.segments, (segment, chunk) => {
    hashOf.get(segment)?.update(chunk);
    watch(segment, chunk);
  });
  for (const { payload, signer, hash } of hashes) {
    if (payload.signature === undefined) continue;
    const block = await signer.sign(hash.update(payload.count).digest());
    await output.writeAt(block, payload.signature.offset);
  }
}

const newHash = (payload: PayloadPlan<FilePart>, signer: CapsuleSigner | undefined): readonly PayloadHash[] =>
  signer === undefined ? [] : [{ payload, signer, hash: createHash(signer.identity.digestName) }];

/** Bytes that come out of files: what a progress bar counts. */
export const sourceBytes = (segments: readonly Segment<FilePart>[]): number =>
  segments.reduce((sum, segment) => sum + (segment.kind === 'source' ? segmentBytes(segment) : 0), 0);
