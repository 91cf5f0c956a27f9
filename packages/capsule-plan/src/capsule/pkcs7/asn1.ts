// ASN.1 read through asn1js into a plain tree that keeps the exact bytes of every element, with bounds on hostile input.

import { type BaseBlock, Constructed, fromBER, ObjectIdentifier } from 'asn1js';

export interface Asn1 {
  readonly tagClass: 'universal' | 'context' | 'other';
  readonly tag: number;
  /** The element with its tag and length, exactly as it stood. */
  readonly raw: Uint8Array;
  readonly content: Uint8Array;
  /** Empty for a primitive element. */
  readonly children: readonly Asn1[];
  /** Dotted text of an object identifier. */
  readonly oid: string | undefined;
}

export const TAG = {
  boolean: 1,
  integer: 2,
  bitString: 3,
  octetString: 4,
  null: 5,
  oid: 6,
  sequence: 16,
  set: 17,
} as const;

const LIMITS = {
  maxDepth: 32,
  maxNodes: 20_000,
  maxContentLength: 1024 * 1024,
  parseEmbedded: false,
  copyInput: false,
};

/** The first element of `bytes`, or undefined for anything malformed; bytes after it are left alone. Never throws. */
export function readAsn1(bytes: Uint8Array): Asn1 | undefined {
  try {
    const { offset, result } = fromBER(bytes, LIMITS);
    return offset < 0 ? undefined : plain(result);
  } catch {
    return undefined;
  }
}

const TAG_CLASSES: Readonly<Record<number, Asn1['tagClass']>> = { 1: 'universal', 3: 'context' };

function plain(block: BaseBlock): Asn1 {
  const raw = block.valueBeforeDecodeView;
  return {
    tagClass: TAG_CLASSES[block.idBlock.tagClass] ?? 'other',
    tag: block.idBlock.tagNumber,
    raw,
    content: raw.subarray(block.idBlock.blockLength + block.lenBlock.blockLength),
    children: block instanceof Constructed ? block.valueBlock.value.map(plain) : [],
    oid: block instanceof ObjectIdentifier ? block.valueBlock.toString() : undefined,
  };
}

export const isUniversal = (node: Asn1 | undefined, tag: number): node is Asn1 =>
  node !== undefined && node.tagClass === 'universal' && node.tag === tag;

export const isContext = (node: Asn1 | undefined, tag: number): node is Asn1 =>
  node !== undefined && node.tagClass === 'context' && node.tag === tag;
