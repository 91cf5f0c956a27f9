// YAML text into values whose every part still knows where it stands; everything that could surprise a reader is refused.

import {
  Composer,
  type CST,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  type ParsedNode,
  Parser,
} from 'yaml';
import type { Json } from './fingerprint.ts';
import type { IssueCode } from './issue-table.ts';
import { LIMITS } from './limits.ts';

/** A problem at an offset of the text, in UTF-16 units from 0. */
export interface Finding {
  readonly code: IssueCode;
  readonly offset: number;
  readonly message: string;
}

/** One document: its plain value, and the tree that knows positions. */
export interface SourceDocument {
  readonly value: Json;
  readonly root: ParsedNode;
}

export interface Source {
  readonly documents: readonly SourceDocument[];
  readonly findings: readonly Finding[];
}

/**
 * Every document of the text that holds anything, with plain scalars resolved by YAML 1.2's core schema.
 * Never throws, and does a bounded amount of work; after a syntax error the values may be incomplete.
 */
export function readSource(text: string): Source {
  const reading = { text, findings: [] };
  findInvisible(reading);
  const contents = composeDocuments(reading).flatMap(document => document.contents ?? []);
  const roots = contents.filter(node => !isScalar(node) || node.source !== '');
  const surplus = roots[LIMITS.documentsPerFile];
  if (surplus !== undefined) {
    report(reading, 'too-many-documents', startOf(surplus), `holds more than ${LIMITS.documentsPerFile} documents`);
  }
  const documents = roots.slice(0, LIMITS.documentsPerFile).map(root => ({ value: plainValue(root, reading), root }));
  return { documents, findings: reading.findings };
}

interface Reading {
  readonly text: string;
  readonly findings: Finding[];
}

function report({ findings }: Reading, code: IssueCode, offset: number, message: string): void {
  if (findings.length < LIMITS.findingsPerText) findings.push({ code, offset, message });
}

// All controls but tab, line feed and carriage return, and the characters that reverse the direction of text.
const INVISIBLE = /(?![\t\n\r])[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu;

function findInvisible(reading: Reading): void {
  for (const { 0: character, index } of reading.text.matchAll(INVISIBLE)) {
    const code = character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
    report(reading, 'control-character', index, `holds the invisible character U+${code}`);
    if (reading.findings.length >= LIMITS.findingsPerText) return;
  }
}

const COMPOSE_OPTIONS = {
  version: '1.2',
  schema: 'core',
  merge: false,
  // The library compares every key with every other; plainValue finds duplicates in one pass.
  uniqueKeys: false,
  keepSourceTokens: false,
} as const;

function composeDocuments(reading: Reading): Document.Parsed[] {
  const composer = new Composer(COMPOSE_OPTIONS);
  // The library would make an Error with a stack for each of the four million commas of a hostile file.
  Object.assign(composer, { onError: syntaxReporter(reading) });
  const documents: Document.Parsed[] = [];
  const compose = (tokens: Iterable<CST.Token>): void => {
    for (const token of tokens) {
      if (token.type === 'directive') report(reading, 'tag-refused', token.offset, 'directives are not accepted');
      else if (token.type === 'error') reportSyntax(reading, token.offset, 'UNEXPECTED_TOKEN', token.message);
      else documents.push(...composer.next(token));
    }
  };
  const parser = new Parser();
  let count = 0;
  for (const lexeme of new Lexer().lex(reading.text)) {
    compose(parser.next(lexeme));
    count += 1;
    if (isTooMuch(reading, { count, depth: parser.stack.length, offset: parser.offset - lexeme.length }))
      return documents;
  }
  compose(parser.end());
  documents.push(...composer.end());
  return documents;
}

interface Progress {
  /** Lexemes read. */
  readonly count: number;
  /** The parser's stack: the document, its open collections and a scalar. */
  readonly depth: number;
  readonly offset: number;
}

/** Where a text is too dense, too deep or too broken to be one of ours, reading on would only cost. */
function isTooMuch(reading: Reading, { count, depth, offset }: Progress): boolean {
  if (count > LIMITS.tokensPerFile) {
    report(reading, 'file-too-large', offset, `has more than ${LIMITS.tokensPerFile} words and signs`);
  } else if (depth > LIMITS.nesting + 2) {
    report(reading, 'nested-too-deep', offset, `nests more than ${LIMITS.nesting} deep`);
  } else return reading.findings.length >= LIMITS.findingsPerText;
  return true;
}

type Place = number | readonly number[] | { readonly offset: number };

const syntaxReporter = (reading: Reading) => (place: Place, code: string, message: string) => {
  const offset = typeof place === 'number' ? place : 'offset' in place ? place.offset : (place[0] ?? 0);
  reportSyntax(reading, offset, code, message);
};

const SYNTAX_CODES: Readonly<Record<string, IssueCode>> = {
  TAB_AS_INDENT: 'tab-indentation',
  BAD_ALIAS: 'alias-refused',
  ALIAS_PROPS: 'alias-refused',
  MULTIPLE_ANCHORS: 'alias-refused',
  TAG_RESOLVE_FAILED: 'tag-refused',
  MULTIPLE_TAGS: 'tag-refused',
  RESOURCE_EXHAUSTION: 'nested-too-deep',
};

function reportSyntax(reading: Reading, offset: number, code: string, message: string): void {
  // Looking back over a long line for every error would cost its square.
  if (reading.findings.length >= LIMITS.findingsPerText) return;
  const lineStart = offset === 0 ? 0 : reading.text.lastIndexOf('\n', offset - 1) + 1;
  const tab = /^ *\t/.exec(reading.text.slice(lineStart, offset + 1));
  // A tab shows up as one error or another of the line that it indents.
  if (tab === null) report(reading, SYNTAX_CODES[code] ?? 'yaml-syntax', offset, message);
  else report(reading, 'tab-indentation', lineStart + tab[0].length - 1, 'a tab can not indent');
}

function plainValue(node: ParsedNode | null, reading: Reading): Json {
  if (node === null) return null;
  refuseProperties(node, reading);
  if (isScalar(node)) return node.tag === undefined ? scalarValue(node.value) : node.source;
  if (isSeq(node)) return node.items.map(item => plainValue(item, reading));
  return isMap(node) ? mapValue(node.items, reading) : null;
}

/** YAML's core schema has JSON's types, and numbers that JSON has not, which become null: `12e4567` would be infinite. */
function scalarValue(value: unknown): Json {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  return typeof value === 'string' || typeof value === 'boolean' ? value : null;
}

interface Entry {
  readonly key: ParsedNode;
  readonly value: ParsedNode | null;
}

function mapValue(pairs: readonly Entry[], reading: Reading): Json {
  const entries: Record<string, Json> = {};
  for (const { key, value } of pairs.slice(0, LIMITS.entriesPerMapping)) {
    const name = acceptedKey(key, reading);
    const plain = plainValue(value, reading);
    if (name === undefined) continue;
    if (Object.hasOwn(entries, name)) report(reading, 'duplicate-key', startOf(key), `${name} stands here twice`);
    else entries[name] = plain;
  }
  const surplus = pairs[LIMITS.entriesPerMapping]?.key;
  if (surplus !== undefined) {
    report(reading, 'too-long', startOf(surplus), `a mapping has at most ${LIMITS.entriesPerMapping} entries`);
  }
  return entries;
}

/** A key as it was written: `1:` and `true:` are words here. undefined for what is not a scalar. */
export function keyText(key: ParsedNode): string | undefined {
  if (!isScalar(key)) return undefined;
  return typeof key.value === 'string' ? key.value : key.source;
}

function acceptedKey(key: ParsedNode, reading: Reading): string | undefined {
  refuseProperties(key, reading);
  const text = keyText(key);
  // Assigning to __proto__ would change what the object is.
  const refused = text === undefined || text === '' || text === '__proto__' || text === '<<';
  if (!refused) return text;
  if (text === '<<') report(reading, 'alias-refused', startOf(key), 'merge keys are not accepted');
  else if (!isAlias(key)) report(reading, 'bad-key', startOf(key), 'is not accepted as a key');
  return undefined;
}

function refuseProperties(node: ParsedNode, reading: Reading): void {
  const start = startOf(node);
  if (isAlias(node)) report(reading, 'alias-refused', start, `alias *${node.source}`);
  const anchor = node.anchor;
  const tag = node.tag;
  if (anchor !== undefined) report(reading, 'alias-refused', before(reading, '&', start), `anchor &${anchor}`);
  if (tag !== undefined) report(reading, 'tag-refused', before(reading, '!', start), `tag ${tag}`);
}

/** Where the sign last stands at or before the offset; anchors and tags precede the node that they belong to. */
function before({ text, findings }: Reading, sign: string, offset: number): number {
  if (findings.length >= LIMITS.findingsPerText) return offset;
  const at = Math.max(0, text.lastIndexOf(sign, offset));
  return text[at - 1] === sign ? at - 1 : at;
}

/** The offset at which a node's first character stands. */
export const startOf = (node: ParsedNode): number => node.range[0];
