// The whole of validation as one pure function: the bytes of all files in, every issue and the desired state out.

import { buildCorpus, type Objection } from './corpus.ts';
import type { DesiredState } from './desired-state.ts';
import { type DsseEnvelope, parseEnvelope } from './dsse.ts';
import { sha256Hex } from './fingerprint.ts';
import type { GitCommit, Sha256 } from './ids.ts';
import { compareIssues, hasErrors, type Issue, issueOf } from './issue.ts';
import { ISSUE_TABLE } from './issue-table.ts';
import { LIMITS } from './limits.ts';
import { listDevices } from './membership.ts';
import { locator, type ParsedFile, parseFile } from './parse-file.ts';
import { resolveState } from './resolve-state.ts';
import { verifySignatures } from './rules/signature-rules.ts';
import type { TrustOptions } from './rules/trust-rules.ts';
import { validateReferences } from './validate-references.ts';

export interface ValidateOptions extends TrustOptions {
  /** Carried into the desired state. */
  readonly gitCommit?: GitCommit | undefined;
}

/** Verdicts on single files by the SHA-256 of their bytes; a Map will do. */
export interface ParseCache {
  get(contentHash: Sha256): ParsedFile | undefined;
  set(contentHash: Sha256, parsed: ParsedFile): unknown;
}

export interface Validation {
  /** Sorted by file and place. */
  readonly issues: readonly Issue[];
  /** Absent when any issue is an error. */
  readonly desired: DesiredState | undefined;
  /** What each YAML file holds, by path. */
  readonly parsed: ReadonlyMap<string, ParsedFile>;
}

/** At the root of a fleet's directory it says how changes are reviewed, and nothing about what boards run. */
export const POLICY_FILE = 'seatrial.policy.yaml';

/** Paths are relative and use forward slashes; `*.yaml`, `*.yml` and `*.dsse.json` are looked at. Never throws for any input. */
export function validateFiles(
  files: ReadonlyMap<string, Uint8Array>,
  options: ValidateOptions = {},
  cache: ParseCache = new Map<Sha256, ParsedFile>(),
): Validation {
  const paths = [...files.keys()].sort();
  const parsed = new Map(
    select(paths, files, isDocumentFile).map(([path, bytes]) => [path, parseCached(bytes, cache)]),
  );
  const envelopes = new Map(select(paths, files, isEnvelopeFile).map(([path, bytes]) => [path, readEnvelope(bytes)]));
  const corpus = buildCorpus(parsed, envelopes);
  const listings = listDevices(corpus);
  const signatures = verifySignatures(corpus, options);
  const objections = [...validateReferences(corpus, listings, options), ...signatures.objections];
  const issues = [
    ...[...parsed].flatMap(([path, { problems }]) => problems.map(problem => issueOf(path, problem))),
    ...placeObjections(objections, files),
  ].sort(compareIssues);
  const { verified } = signatures;
  return {
    issues,
    desired: hasErrors(issues) ? undefined : resolveState({ corpus, listings, verified, gitCommit: options.gitCommit }),
    parsed,
  };
}

const isDocumentFile = (path: string): boolean => isYaml(path) && path !== POLICY_FILE;
export const isYaml = (path: string): boolean => /\.ya?ml$/.test(path);
export const isEnvelopeFile = (path: string): boolean => path.endsWith('.dsse.json');

const select = (paths: readonly string[], files: ReadonlyMap<string, Uint8Array>, wanted: (path: string) => boolean) =>
  paths.filter(wanted).map(path => [path, files.get(path) ?? new Uint8Array()] as const);

function parseCached(bytes: Uint8Array, cache: ParseCache): ParsedFile {
  const key = sha256Hex(bytes);
  const known = cache.get(key);
  if (known !== undefined) return known;
  const parsed = parseFile(bytes);
  cache.set(key, parsed);
  return parsed;
}

function readEnvelope(bytes: Uint8Array): DsseEnvelope | undefined {
  if (bytes.length > LIMITS.envelopeBytes) return undefined;
  const envelope = parseEnvelope(Buffer.from(bytes).toString('utf8'));
  return envelope.ok ? envelope.value : undefined;
}

/** Parses a file again only when something must be pointed at in it, and once for all that must. */
function placeObjections(objections: readonly Objection[], files: ReadonlyMap<string, Uint8Array>): Issue[] {
  const byFile = new Map<string, Objection[]>();
  for (const objection of objections) {
    const others = byFile.get(objection.file);
    if (others === undefined) byFile.set(objection.file, [objection]);
    else others.push(objection);
  }
  return [...byFile].flatMap(([file, all]) => placeInFile(file, all, files.get(file)));
}

function placeInFile(file: string, objections: readonly Objection[], bytes: Uint8Array | undefined): Issue[] {
  const searching = bytes !== undefined && isYaml(file) && objections.some(({ place }) => place === undefined);
  const find = searching ? locator(bytes) : () => ({ line: 1, column: 1 });
  const shown = objections
    .slice(0, LIMITS.issuesPerFile)
    .map(({ code, message, severity, index, path, place = find(index, path) }) =>
      issueOf(file, { code, message, ...place }, severity),
    );
  const hidden = objections.slice(LIMITS.issuesPerFile);
  if (hidden.length === 0) return shown;
  const problem = {
    code: 'too-many-issues',
    line: 1,
    column: 1,
    message: `${hidden.length} more are not shown`,
  } as const;
  return [...shown, issueOf(file, problem, hidden.some(isError) ? 'error' : 'warning')];
}

const isError = ({ code, severity = ISSUE_TABLE[code].severity }: Objection): boolean => severity === 'error';
