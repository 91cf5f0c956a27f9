// Signatures beside documents: who must have signed what, and whether they did.

import type { Corpus, Located, Objection } from '../corpus.ts';
import { objectionToDocument } from '../corpus.ts';
import { type DsseEnvelope, type DsseErrorCode, type SigningRole, verifyEnvelope } from '../dsse.ts';
import { sha256Hex } from '../fingerprint.ts';
import type { IssueCode } from '../issue-table.ts';
import type { DocumentOf } from '../kinds/kinds.ts';
import { payloadTypeOf, signingRole, trustRolesOf } from '../trust.ts';
import type { TrustOptions } from './trust-rules.ts';

type SignedDocument = DocumentOf<'Release' | 'TrustRoot' | 'Approval'>;

export interface SignatureVerdicts {
  readonly objections: readonly Objection[];
  /** Documents whose every demanded role reached its threshold. */
  readonly verified: ReadonlySet<Located>;
}

/** `root.yaml` is signed by `root.dsse.json`. */
export const envelopePath = (file: string): string => file.replace(/\.ya?ml$/, '.dsse.json');

export function verifySignatures(corpus: Corpus, options: TrustOptions): SignatureVerdicts {
  const { Release, TrustRoot, Approval } = corpus.all;
  const signed: readonly Located<SignedDocument>[] = [...Release, ...TrustRoot, ...Approval];
  const verdicts = signed.map(one => ({ one, objections: judge(one, corpus, options) }));
  return {
    objections: [...verdicts.flatMap(({ objections }) => objections), ...orphans(corpus)],
    verified: new Set(verdicts.filter(({ objections }) => objections.length === 0).map(({ one }) => one)),
  };
}

/** No objection means that the signatures hold. */
function judge(one: Located<SignedDocument>, corpus: Corpus, options: TrustOptions): Objection[] {
  const severity = options.requireSignatures === true ? 'error' : 'warning';
  const missing = (message: string) => [objectionToDocument(one, { code: 'signature-missing', message, severity })];
  const file = envelopePath(one.file);
  if (!corpus.envelopes.has(file)) return missing(`no ${file} beside it`);
  const envelope = corpus.envelopes.get(file);
  if (envelope === undefined) return [atEnvelope(one, 'signature-malformed', 'is not a DSSE envelope')];
  if (one.siblings !== 1)
    return [atEnvelope(one, 'signature-ambiguous', `${one.file} holds ${one.siblings} documents`)];
  const roles = rolesFor(one.document, corpus);
  if (roles === undefined) return missing('no key is known for the role that signs it');
  return judgeEnvelope(one, envelope, roles);
}

function judgeEnvelope(one: Located, envelope: DsseEnvelope, roles: readonly SigningRole[]): Objection[] {
  const foreign = envelope.signatures
    .filter(({ keyid }) => !roles.some(({ keys }) => [...keys.keys()].some(key => key === keyid)))
    .map(({ keyid }) => atEnvelope(one, 'signature-foreign', `key ${keyid} is of none of ${roleNames(roles)}`));
  const verified = verifyEnvelope(envelope, payloadTypeOf(one.document.kind), roles);
  if (!verified.ok) return [...foreign, atEnvelope(one, ISSUE_OF[verified.error.code], verified.error.message)];
  if (sha256Hex(verified.value.payload) === one.digest) return foreign;
  return [...foreign, atEnvelope(one, 'signature-for-other-content', 'what was signed is not the document beside it')];
}

const roleNames = (roles: readonly SigningRole[]): string => roles.map(({ role }) => role).join(', ');

const ISSUE_OF = {
  'dsse-malformed': 'signature-malformed',
  'dsse-wrong-type': 'signature-for-other-content',
  'dsse-wrong-signature': 'signature-wrong',
  'dsse-under-threshold': 'signature-under-threshold',
} as const satisfies Record<DsseErrorCode, IssueCode>;

/** undefined where the TrustRoot is absent or lacks a role: then nothing can be verified. */
function rolesFor(document: SignedDocument, { all }: Corpus): readonly SigningRole[] | undefined {
  const trustRoot = document.kind === 'TrustRoot' ? document : all.TrustRoot[0]?.document;
  if (trustRoot === undefined) return undefined;
  const trust = trustRolesOf(trustRoot.spec);
  const roles = signersOf(document).map(role => signingRole(trust, role));
  const known = roles.filter(role => role !== undefined);
  return known.length === roles.length ? known : undefined;
}

function signersOf(document: SignedDocument): readonly string[] {
  switch (document.kind) {
    case 'Release':
      return ['vendor', 'operator'];
    case 'TrustRoot':
      return ['root'];
    case 'Approval':
      return [document.spec.role];
  }
}

/** Envelopes beside which there is nothing that could be signed. */
function orphans({ files, envelopes }: Corpus): Objection[] {
  const expected = new Set([...files].map(envelopePath));
  return [...envelopes.keys()]
    .filter(file => !expected.has(file))
    .map(file => ({ code: 'signature-orphaned', message: 'no document stands beside it', file, index: 0, path: [] }));
}

const atEnvelope = (one: Located, code: IssueCode, message: string): Objection => ({
  code,
  message: `${message} (for ${one.document.kind} ${one.document.metadata.name})`,
  file: envelopePath(one.file),
  index: 0,
  path: [],
});
