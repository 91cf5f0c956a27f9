// The bytes of one YAML file into its documents and problems, independent of where it lies: the unit that is cached.

import { canonicalJson, sha256Hex } from './fingerprint.ts';
import type { Sha256 } from './ids.ts';
import type { Problem } from './issue.ts';
import type { SpecDocument } from './kinds/kinds.ts';
import { LIMITS } from './limits.ts';
import { locate, type Path } from './locate.ts';
import { type Claim, parseDocument } from './parse-document.ts';
import { type Place, placeFinder } from './place.ts';
import { err, ok, type Result } from './result.ts';
import { type Finding, readSource, type Source, type SourceDocument } from './source.ts';

/** Plain JSON, so that it can be kept on disk under the hash of the bytes. */
export interface ParsedFile {
  readonly documents: readonly ParsedDocument[];
  readonly problems: readonly Problem[];
}

export interface ParsedDocument {
  readonly claim: Claim;
  /** Where its metadata.name stands: what is said about the document as a whole points there. */
  readonly namePlace: Place;
  /** Absent when the document has problems. */
  readonly document?: SpecDocument;
  /** Of the canonical JSON as written, without defaults: what a signature beside the file is about. */
  readonly digest?: Sha256;
}

const SIGNED_KINDS: ReadonlySet<string> = new Set(['Release', 'TrustRoot', 'Approval']);

/** Never throws. Problems are sorted by place. */
export function parseFile(bytes: Uint8Array): ParsedFile {
  const text = decodeText(bytes);
  if (!text.ok) return { documents: [], problems: [text.error] };
  const source = readSource(text.value);
  const parses = source.documents.map(document => ({ document, ...parse(document, source) }));
  const shape = parses.flatMap(each => each.findings);
  const findings = withoutEchoes(source.findings, shape);
  const placeAt = placeFinder(text.value);
  return {
    documents: parses.map(({ claim, valid, document }) => ({
      claim,
      namePlace: placeAt(locate(document.root, ['metadata', 'name']).offset),
      ...(valid === undefined || source.findings.length > 0 ? {} : { document: valid, ...digestOf(valid, document) }),
    })),
    problems: bounded(findings.map(({ code, offset, message }) => ({ code, ...placeAt(offset), message }))),
  };
}

/** Where a cross-document rule must point: line and column of paths through the documents of a file. */
export function locator(bytes: Uint8Array): (index: number, path: Path) => Place {
  const text = decodeText(bytes);
  if (!text.ok) return () => ({ line: 1, column: 1 });
  const placeAt = placeFinder(text.value);
  const { documents } = readSource(text.value);
  return (index, path) => {
    const root = documents[index]?.root;
    return root === undefined ? { line: 1, column: 1 } : placeAt(locate(root, path).offset);
  };
}

/** The text of a file that is UTF-8 and of a bearable size; a byte order mark is dropped. */
export function decodeText(bytes: Uint8Array): Result<string, Problem> {
  if (bytes.length > LIMITS.fileBytes) {
    const message = `the file has ${bytes.length} bytes, more than ${LIMITS.fileBytes}`;
    return err({ code: 'file-too-large', line: 1, column: 1, message });
  }
  try {
    return ok(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return err({ code: 'bad-utf8', ...firstUndecodable(bytes), message: 'the bytes here are not UTF-8' });
  }
}

/** Halves its way to the longest beginning that decodes; a character cut at its end counts as decodable. */
function firstUndecodable(bytes: Uint8Array): Place {
  let [good, bad] = [0, bytes.length + 1];
  while (bad - good > 1) {
    const middle = (good + bad) >>> 1;
    if (decodeBeginning(bytes, middle) === undefined) bad = middle;
    else good = middle;
  }
  const text = decodeBeginning(bytes, good) ?? '';
  return placeFinder(text)(text.length);
}

function decodeBeginning(bytes: Uint8Array, length: number): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, length), { stream: true });
  } catch {
    return undefined;
  }
}

/** After a syntax error the tree is incomplete: what would be missing in it says nothing. */
function parse(document: SourceDocument, source: Source) {
  const { claim, document: valid, findings } = parseDocument(document);
  return { claim, valid, findings: source.findings.some(isStructural) ? [] : findings };
}

const STRUCTURAL: ReadonlySet<string> = new Set([
  'yaml-syntax',
  'tab-indentation',
  'nested-too-deep',
  'too-many-documents',
  'file-too-large',
  'too-long',
]);
const isStructural = ({ code }: Finding): boolean => STRUCTURAL.has(code);

/** What was refused in the text is also no text, no list and no mapping: one finding is enough. */
function withoutEchoes(refused: readonly Finding[], shape: readonly Finding[]): Finding[] {
  const offsets = new Map(refused.toReversed().map(finding => [finding.offset, finding]));
  return [...offsets.values(), ...shape.filter(({ offset }) => !offsets.has(offset))];
}

function bounded(problems: Problem[]): Problem[] {
  const sorted = problems.sort((a, b) => a.line - b.line || a.column - b.column);
  const last = sorted[LIMITS.issuesPerFile - 1];
  if (last === undefined || sorted.length === LIMITS.issuesPerFile) return sorted;
  const surplus: Problem = { ...last, code: 'too-many-issues', message: 'further problems are not shown' };
  return [...sorted.slice(0, LIMITS.issuesPerFile), surplus];
}

const digestOf = (valid: SpecDocument, { value }: SourceDocument) =>
  SIGNED_KINDS.has(valid.kind) ? { digest: sha256Hex(canonicalJson(value)) } : {};
