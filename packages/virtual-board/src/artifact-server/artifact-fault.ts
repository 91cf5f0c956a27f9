// What can go wrong between a server and a board, on demand, and what it does to a body of bytes.

import { setTimeout as sleep } from 'node:timers/promises';

export type ArtifactFault =
  /** Answers with this status and no body. */
  | { readonly kind: 'status'; readonly status: number }
  /** The connection is closed before an answer. */
  | { readonly kind: 'no-answer' }
  /** The connection is closed after so many bytes of the body. */
  | { readonly kind: 'cut'; readonly afterBytes: number }
  | { readonly kind: 'trickle'; readonly bytesPerSecond: number }
  /** The byte in the middle of the file is another one. */
  | { readonly kind: 'wrong-bytes' }
  /** Answers with the whole file whatever part was asked for. */
  | { readonly kind: 'no-ranges' };

export interface ArtifactFaultRule {
  /** Requests that it hits, by their path with the leading slash. */
  readonly path: RegExp;
  readonly fault: ArtifactFault;
  /** How many requests it hits; undefined is all of them. */
  readonly times?: number;
}

/** Thrown out of a body that is to end with the connection. */
export class BodyCut extends Error {
  override readonly name = 'BodyCut';
}

export interface Body {
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Offset of the first chunk in the file. */
  readonly offset: number;
  readonly fileBytes: number;
}

type Spoiler<K extends ArtifactFault['kind']> = (
  body: Body,
  fault: Extract<ArtifactFault, { kind: K }>,
) => AsyncIterable<Uint8Array>;

const TRICKLE_STEPS_PER_SECOND = 20;

const SPOIL: { readonly [K in ArtifactFault['kind']]: Spoiler<K> } = {
  status: ({ chunks }) => chunks,
  'no-answer': ({ chunks }) => chunks,
  'no-ranges': ({ chunks }) => chunks,
  cut: ({ chunks }, { afterBytes }) => cutAfter(chunks, afterBytes),
  trickle: ({ chunks }, { bytesPerSecond }) => trickle(chunks, bytesPerSecond),
  'wrong-bytes': body => flipMiddleByte(body),
};

/** The body as the fault lets it through. */
export function spoilBody<K extends ArtifactFault['kind']>(
  body: Body,
  fault: Extract<ArtifactFault, { kind: K }>,
): AsyncIterable<Uint8Array> {
  const spoil: Spoiler<K> = SPOIL[fault.kind as K]; // the table's key and the fault's kind are one type
  return spoil(body, fault);
}

async function* cutAfter(chunks: AsyncIterable<Uint8Array>, afterBytes: number): AsyncIterable<Uint8Array> {
  let left = afterBytes;
  for await (const chunk of chunks) {
    if (chunk.byteLength > left) {
      if (left > 0) yield chunk.subarray(0, left);
      throw new BodyCut();
    }
    left -= chunk.byteLength;
    yield chunk;
  }
}

async function* trickle(chunks: AsyncIterable<Uint8Array>, bytesPerSecond: number): AsyncIterable<Uint8Array> {
  const step = Math.max(1, Math.floor(bytesPerSecond / TRICKLE_STEPS_PER_SECOND));
  for await (const chunk of chunks) {
    for (let offset = 0; offset < chunk.byteLength; offset += step) {
      yield chunk.subarray(offset, offset + step);
      await sleep(1_000 / TRICKLE_STEPS_PER_SECOND);
    }
  }
}

async function* flipMiddleByte({ chunks, offset, fileBytes }: Body): AsyncIterable<Uint8Array> {
  let at = offset;
  const middle = Math.floor(fileBytes / 2);
  for await (const chunk of chunks) {
    const spoiled = Uint8Array.from(chunk);
    const index = middle - at;
    if (index >= 0 && index < spoiled.byteLength) spoiled[index] = (spoiled[index] ?? 0) ^ 0xff;
    at += chunk.byteLength;
    yield spoiled;
  }
}
