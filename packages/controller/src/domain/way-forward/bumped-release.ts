// The YAML of the next release: the one before with newer halves, and with the comments that people gave it.

import { type Capsule, formatFirmwareVersion, type Name } from '@seatrial/spec';
import { type Document, isScalar, parseDocument, Scalar } from 'yaml';
import type { FirmwareArtifact, OsArtifact } from '../artifacts/artifact.ts';
import { findText, textOf } from '../edit/yaml-text.ts';
import type { Newer } from './newer.ts';

/** A file of its own for the new document. Undefined where the text does not have the release. */
export function bumpedRelease(text: string, current: Name, name: Name, newer: Newer): string | undefined {
  const found = findText(text, 'Release', current);
  if (found === undefined) return undefined;
  const document = parseDocument(textOf(text, found), { version: '1.2', schema: 'core' });
  set(document, ['metadata', 'name'], name);
  if (newer.firmware !== undefined) bumpFirmware(document, newer.firmware);
  if (newer.os !== undefined) bumpOs(document, newer.os);
  const notes = notesOf(newer);
  if (notes === undefined) document.deleteIn(['spec', 'notes']);
  else document.setIn(['spec', 'notes'], block(notes));
  return document.toString({ lineWidth: 0 });
}

const bumpOs = (document: Document, { commit }: OsArtifact): void =>
  set(document, ['spec', 'os', 'commit'], commit, Scalar.QUOTE_DOUBLE);

function bumpFirmware(document: Document, { version, lowestSupported, minimumFrom, capsules }: FirmwareArtifact): void {
  set(document, ['spec', 'firmware', 'version'], formatFirmwareVersion(version));
  set(document, ['spec', 'firmware', 'lowestSupported'], formatFirmwareVersion(lowestSupported));
  if (minimumFrom === undefined) document.deleteIn(['spec', 'firmware', 'minimumFrom']);
  else set(document, ['spec', 'firmware', 'minimumFrom'], formatFirmwareVersion(minimumFrom));
  document.setIn(['spec', 'firmware', 'capsules'], document.createNode(capsules.map(asWritten)));
  for (const index of capsules.keys()) quote(document, ['spec', 'firmware', 'capsules', index, 'sha256']);
}

const asWritten = ({ name, url, sizeBytes, sha256 }: Capsule) => ({ name, url, size: sizeBytes, sha256 });

/** A value in the place of another one keeps the comment beside it. */
function set(document: Document, path: readonly (string | number)[], value: string, type?: Scalar.Type): void {
  const before: unknown = document.getIn(path, true);
  const node = isScalar(before) ? before : new Scalar(value);
  node.value = value;
  if (type !== undefined) node.type = type;
  if (node !== before) document.setIn(path, node);
}

/** Digits alone would be read as a number. */
function quote(document: Document, path: readonly (string | number)[]): void {
  const node: unknown = document.getIn(path, true);
  if (isScalar(node)) node.type = Scalar.QUOTE_DOUBLE;
}

function block(text: string): Scalar {
  const node = new Scalar(`${text.trimEnd()}\n`);
  node.type = Scalar.BLOCK_LITERAL;
  return node;
}

// What a document of ours refuses, or YAML would have to escape.
const UNPRINTABLE = /(?![\t\n])[\p{Cc}\u202a-\u202e\u2066-\u2069\ufeff]/gu;

/** Of both halves, as their builds told them. */
function notesOf({ os, firmware }: Newer): string | undefined {
  const told = [os?.notes, firmware?.notes].flatMap(notes =>
    notes === undefined ? [] : [notes.replace(UNPRINTABLE, '').trim()],
  );
  const distinct = [...new Set(told)].filter(notes => notes !== '');
  return distinct.length === 0 ? undefined : distinct.join('\n\n');
}
