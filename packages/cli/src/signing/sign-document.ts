// What a signature is over, and how it joins the ones that are there: pure functions of the two files' contents.

import {
  addSignatures,
  canonicalJson,
  type DsseEnvelope,
  decodeText,
  InvariantError,
  type Kind,
  type Name,
  parseEnvelope,
  parseFile,
  payloadTypeOf,
  readSource,
  type Signer,
  signEnvelope,
} from '@seatrial/spec';
import { CliError } from '../errors.ts';

/** A document as it will be signed. */
export interface Signable {
  readonly kind: Kind;
  readonly name: Name;
  readonly payloadType: string;
  /** Canonical JSON of the document as written, defaults left out. */
  readonly payload: Uint8Array;
}

/** Fails with `document-invalid` or `document-not-signable`. `file` is for messages. */
export function signableOf(file: string, bytes: Uint8Array): Signable {
  const { documents, problems } = parseFile(bytes);
  const [problem] = problems;
  if (problem !== undefined) {
    throw new CliError('document-invalid', `${file}:${problem.line}:${problem.column} ${problem.message}`);
  }
  const [only] = documents;
  if (documents.length !== 1 || only?.document === undefined || only.digest === undefined) {
    throw new CliError('document-not-signable', `${file} does not hold exactly one document of a kind that is signed`);
  }
  const { kind, metadata } = only.document;
  return { kind, name: metadata.name, payloadType: payloadTypeOf(kind), payload: asWritten(bytes) };
}

function asWritten(bytes: Uint8Array): Uint8Array {
  const text = decodeText(bytes);
  const value = text.ok ? readSource(text.value).documents[0]?.value : undefined;
  if (value === undefined) throw new InvariantError('a document that was valid has no value');
  return new TextEncoder().encode(canonicalJson(value));
}

/** The envelope that stands beside the document already. Fails with `signature-unreadable`. */
export function readEnvelope(file: string, text: string): DsseEnvelope {
  const envelope = parseEnvelope(text);
  if (!envelope.ok) throw new CliError('signature-unreadable', `${file} is ${envelope.error.message}`);
  return envelope.value;
}

/** Fails with `signature-outdated` where earlier signatures are over something else and are not to be dropped. */
export function sign(
  signable: Signable,
  signers: readonly Signer[],
  earlier: { readonly envelope: DsseEnvelope | undefined; readonly replace: boolean },
): DsseEnvelope {
  const { payloadType, payload } = signable;
  const { envelope, replace } = earlier;
  if (envelope === undefined) return signEnvelope(payloadType, payload, signers);
  if (isOver(envelope, signable)) return addSignatures(envelope, signers);
  if (replace) return signEnvelope(payloadType, payload, signers);
  const names = envelope.signatures.map(({ keyid }) => keyid).join(', ');
  throw new CliError('signature-outdated', `the document was changed after ${names} signed it`);
}

const isOver = (envelope: DsseEnvelope, { payloadType, payload }: Signable): boolean =>
  envelope.payloadType === payloadType && envelope.payload === Buffer.from(payload).toString('base64');
