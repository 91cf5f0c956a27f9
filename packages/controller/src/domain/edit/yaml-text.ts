// Changing one thing in a YAML file and nothing else: comments, order, quotes and line ends of everybody stay as they are.

import { type Document, isMap, isScalar, type ParsedNode, parseAllDocuments, stringify } from 'yaml';

/** A document of a file, and where its text stands. */
export interface FoundText {
  readonly document: Document.Parsed;
  /** In UTF-16 units; without the marks that separate documents. */
  readonly start: number;
  readonly end: number;
}

/** Undefined where the file has no such document, or is no YAML. */
export function findText(text: string, kind: string, name: string): FoundText | undefined {
  const documents = parseAllDocuments(text, { version: '1.2', schema: 'core', merge: false, uniqueKeys: false });
  if ('empty' in documents) return undefined;
  for (const document of documents) {
    const { contents } = document;
    if (document.errors.length > 0 || !isMap(contents)) continue;
    if (plain(document, ['kind']) === kind && plain(document, ['metadata', 'name']) === name) {
      return { document, start: contents.range[0], end: contents.range[2] };
    }
  }
  return undefined;
}

/** The file that holds a document; undefined where none does. */
export function fileHolding(
  texts: ReadonlyMap<string, string>,
  kind: string,
  name: string,
): { readonly path: string; readonly text: string } | undefined {
  for (const [path, text] of texts) {
    // Most files do not even mention it, and need not be parsed.
    if (text.includes(name) && findText(text, kind, name) !== undefined) return { path, text };
  }
  return undefined;
}

const plain = (document: Document.Parsed, path: readonly string[]): unknown => document.getIn(path);

export const textOf = (text: string, { start, end }: FoundText): string => text.slice(start, end);

export const replaced = (text: string, { start, end }: { readonly start: number; readonly end: number }, by: string) =>
  `${text.slice(0, start)}${by}${text.slice(end)}`;

/** The text with another value at the path of a document. Undefined where no plain value stands there. */
export function withValue(text: string, found: FoundText, path: readonly string[], value: string): string | undefined {
  const node = found.document.getIn(path, true) as ParsedNode | undefined; // of a parsed document
  if (!isScalar(node) || node.range === undefined || node.range === null) return undefined;
  const [start, end] = node.range;
  return replaced(text, { start, end }, stringify(value, { version: '1.2', schema: 'core' }).trimEnd());
}

/** The file with another `spec.release` in the Fleet. Undefined where the file does not have that Fleet. */
export function withRelease(text: string, fleet: string, release: string): string | undefined {
  const found = findText(text, 'Fleet', fleet);
  return found && withValue(text, found, ['spec', 'release'], release);
}
