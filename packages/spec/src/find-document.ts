// Where in the files of a repository a document stands, and the lines that say one thing or another in it.

import { type DocumentOf, isKind, type Kind } from './kinds/kinds.ts';
import type { Path } from './locate.ts';
import { locator, type ParsedFile, parseFile } from './parse-file.ts';
import type { Place } from './place.ts';
import { isYaml } from './validate-files.ts';

/** A valid document with the place of everything in it. */
export interface FoundDocument<K extends Kind> {
  readonly file: string;
  readonly document: DocumentOf<K>;
  /** Of the value; of what should hold it where it is not written. */
  readonly placeOf: (path: Path) => Place;
}

/**
 * All valid documents of a kind, in the order of files and of documents in a file. `parse` may come from a cache; by default
 * each file is parsed.
 */
export function* findDocuments<K extends Kind>(
  files: ReadonlyMap<string, Uint8Array>,
  kind: K,
  parse: (bytes: Uint8Array) => ParsedFile = parseFile,
): Generator<FoundDocument<K>> {
  for (const [file, bytes] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (!isYaml(file) || !mayHold(bytes, kind)) continue;
    const find = once(() => locator(bytes));
    for (const [index, { document }] of parse(bytes).documents.entries()) {
      if (isOfKind(document, kind)) yield { file, document, placeOf: path => find()(index, path) };
    }
  }
}

/** A file without the word has no such document: most files need not be parsed. */
const mayHold = (bytes: Uint8Array, kind: Kind): boolean =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes(kind);

const isOfKind = <K extends Kind>(document: DocumentOf<Kind> | undefined, kind: K): document is DocumentOf<K> =>
  document !== undefined && isKind(document.kind) && document.kind === kind;

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
