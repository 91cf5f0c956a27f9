// Where in the head's YAML a warning points: the very value, or the name of the document, or nowhere.

import { type DeviceId, findDocuments, type Kind, type ParsedFile } from '@seatrial/spec';
import type { FilePlace, Side } from './review.ts';

export interface Places {
  /** The value at a path of a document; where it is not written, what should hold it. Undefined for a document that is not there. */
  of(kind: Kind, name: string, path?: readonly (string | number)[]): FilePlace | undefined;
  /** The board's entry in its list. */
  ofDevice(id: DeviceId): FilePlace | undefined;
  /** The first line of a file. */
  ofFile(file: string): FilePlace | undefined;
}

const NAME = ['metadata', 'name'] as const;

/** Looks at nothing until it is asked. `directory` is where the fleet's files lie in the repository. */
export function placesIn({ files, parsed }: Pick<Side, 'files' | 'parsed'>, directory: string): Places {
  let index: ReadonlyMap<string, string> | undefined;
  const fileOf = (kind: Kind, name: string): string | undefined => {
    index ??= indexDocuments(parsed);
    return index.get(`${kind}/${name}`);
  };
  const at = (file: string, kind: Kind, name: string, path: readonly (string | number)[]): FilePlace | undefined => {
    const bytes = files.get(file);
    const known = parsed.get(file);
    if (bytes === undefined || known === undefined) return undefined;
    for (const found of findDocuments(new Map([[file, bytes]]), kind, () => known)) {
      if (found.document.metadata.name === name) return onLine(directory, file, found.placeOf(path).line);
    }
    return undefined;
  };
  return {
    of(kind, name, path = NAME) {
      const file = fileOf(kind, name);
      return file === undefined ? undefined : at(file, kind, name, path);
    },
    ofDevice(id) {
      const listing = findDevice(parsed, id);
      return listing && at(listing.file, 'DeviceList', listing.list, ['spec', 'devices', listing.position, 'id']);
    },
    ofFile: file => (files.has(file) ? onLine(directory, file, 1) : undefined),
  };
}

/** From the root of the repository. */
export const repositoryPath = (directory: string, file: string): string =>
  directory === '' ? file : `${directory.replace(/\/+$/, '')}/${file}`;

const onLine = (directory: string, file: string, line: number): FilePlace => ({
  path: repositoryPath(directory, file),
  startLine: line,
  endLine: line,
});

function indexDocuments(parsed: ReadonlyMap<string, ParsedFile>): ReadonlyMap<string, string> {
  const index = new Map<string, string>();
  for (const [file, { documents }] of parsed) {
    for (const { document } of documents) {
      if (document !== undefined) index.set(`${document.kind}/${document.metadata.name}`, file);
    }
  }
  return index;
}

function findDevice(parsed: ReadonlyMap<string, ParsedFile>, id: DeviceId) {
  for (const [file, { documents }] of parsed) {
    for (const { document } of documents) {
      if (document?.kind !== 'DeviceList') continue;
      const position = document.spec.devices.findIndex(device => device.id === id);
      if (position !== -1) return { file, list: document.metadata.name, position };
    }
  }
  return undefined;
}
