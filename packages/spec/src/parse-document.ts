// One positioned YAML document into a valid document of its kind, or every reason why it is none.

import { isScalar, type Scalar } from 'yaml';
import type { z } from 'zod';
import type { Json } from './fingerprint.ts';
import { API_VERSION } from './kinds/document.ts';
import { isKind, KINDS, type Kind, type SpecDocument } from './kinds/kinds.ts';
import { LIMITS } from './limits.ts';
import { isEmpty, locate, type Path, pathText } from './locate.ts';
import { describeIssue, meantMember, type SchemaProblem } from './schema-problem.ts';
import { type Finding, type SourceDocument, startOf } from './source.ts';

export interface DocumentParse {
  /** Absent when there are findings. */
  readonly document?: SpecDocument;
  /** What it claims to be, as far as that could be read: so that references to a broken document do not dangle. */
  readonly claim: Claim;
  readonly findings: readonly Finding[];
}

export interface Claim {
  readonly kind?: Kind;
  readonly name?: string;
}

/** Validates against the schema of the kind; every problem is reported, at the offset of the node that causes it. */
export function parseDocument(source: SourceDocument): DocumentParse {
  const claim = claimOf(source.value);
  const preamble = checkPreamble(source);
  if (preamble !== undefined || claim.kind === undefined) return { claim, findings: preamble ?? [] };
  const parsed = KINDS[claim.kind].safeParse(source.value);
  if (parsed.success) return { document: parsed.data, claim, findings: [] };
  return {
    claim,
    findings: parsed.error.issues.slice(0, LIMITS.issuesPerFile + 1).flatMap(issue => findingsOf(issue, source)),
  };
}

/** apiVersion and kind decide what else can be said, so that their faults are reported alone. */
function checkPreamble(source: SourceDocument): Finding[] | undefined {
  const { value } = source;
  if (!isObject(value)) {
    const message = 'a document must be a mapping with apiVersion, kind, metadata and spec';
    return [{ code: 'not-a-document', offset: startOf(source.root), message }];
  }
  const wrong = ['apiVersion', 'kind'].filter(key => !isAccepted(key, value[key]));
  const findings = wrong.map(key => ({
    ...preambleProblem(key, value[key]),
    offset: locate(source.root, [key]).offset,
  }));
  return findings.length === 0 ? undefined : findings;
}

const isAccepted = (key: string, value: Json | undefined): boolean =>
  key === 'kind' ? typeof value === 'string' && isKind(value) : value === API_VERSION;

function preambleProblem(key: string, value: Json | undefined): SchemaProblem {
  const wanted = key === 'kind' ? `one of ${Object.keys(KINDS).join(', ')}` : API_VERSION;
  if (value === undefined || value === null) return { code: 'missing-field', message: `${key} is missing: ${wanted}` };
  return { code: key === 'kind' ? 'unknown-kind' : 'unknown-api-version', message: `${key} must be ${wanted}` };
}

/** One complaint of a schema as findings at the nodes that cause it; for kinds of document that other packages define. */
export function findingsOf(issue: z.core.$ZodIssue, source: SourceDocument): Finding[] {
  const path = issue.path.filter(step => typeof step !== 'symbol');
  if (issue.code === 'unrecognized_keys') return issue.keys.map(key => unknownKey(source, path, key));
  const meant = issue.code === 'invalid_union' ? meantMember(issue.errors) : undefined;
  if (meant !== undefined) {
    return meant.flatMap(inner => findingsOf({ ...inner, path: [...path, ...inner.path] }, source));
  }
  const { node, offset, keyOffset } = locate(source.root, path);
  const { code, message } = isEmpty(node) ? MISSING : describeIssue(issue, isScalar(node) ? unquoted(node) : undefined);
  return [
    { code, offset: issue.code === 'invalid_key' ? keyOffset : offset, message: `${pathText(path)} ${message}`.trim() },
  ];
}

const MISSING = { code: 'missing-field', message: 'is missing' } as const;

/** As it was written, where YAML reads it as something other than text. */
const unquoted = ({ type, value, source }: Scalar): string | undefined =>
  type === 'PLAIN' && typeof value !== 'string' ? source : undefined;

function unknownKey(source: SourceDocument, path: Path, key: string): Finding {
  const where = path.length === 0 ? 'a document' : pathText(path);
  const { keyOffset } = locate(source.root, [...path, key]);
  return { code: 'unknown-key', offset: keyOffset, message: `${where} has no field ${key}` };
}

const isObject = (value: Json | undefined): value is { readonly [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function claimOf(value: Json): Claim {
  if (!isObject(value)) return {};
  const { kind, metadata } = value;
  const name = isObject(metadata) ? metadata['name'] : undefined;
  return {
    ...(typeof kind === 'string' && isKind(kind) ? { kind } : {}),
    ...(typeof name === 'string' ? { name } : {}),
  };
}
