// Reads FvUpdate.xml as fv-create does, but refuses what fv-create lets pass: every problem has a code and a line.

import { err, ok, type Result } from '@seatrial/spec';
import { looseGuid } from '../bytes/guid.ts';
import {
  type DiskType,
  diskFitsFlash,
  diskTypeCode,
  type FlashType,
  parseDiskType,
  parseFlashType,
} from './disk-types.ts';
import { type CapsuleError, type CapsuleErrorCode, capsuleError } from './errors.ts';
import type { FvEntry, FvOperation, FvUpdate } from './fv-update.ts';
import type { ImageDetails } from './metadata.ts';
import type { PartitionText } from './targets.ts';
import { IMAGE_SLOTS, PARTITION_NAME_CHARS } from './volume-layouts.ts';
import { readXml, type XmlElement } from './xml.ts';

/** The document, with every entry checked, ignored ones too. Fails with codes of layer xml, or DISK_TYPE. */
export function readFvUpdate(bytes: Uint8Array): Result<FvUpdate, CapsuleError> {
  const root = readXml(bytes);
  if (!root.ok) return root;
  return catchProblem(() => {
    const flashType = readFlashType(root.value);
    const entries = root.value.children.filter(({ name }) => name === 'FwEntry');
    return { flashType, entries: entries.map(entry => readEntry(entry, flashType)) };
  });
}

/** Carries a refusal out of nested elements; never leaves this file. */
class Problem extends Error {
  readonly refusal: CapsuleError;
  constructor(refusal: CapsuleError) {
    super(refusal.code);
    this.refusal = refusal;
  }
}

function catchProblem<T>(read: () => T): Result<T, CapsuleError> {
  try {
    return ok(read());
  } catch (error) {
    if (error instanceof Problem) return err(error.refusal);
    throw error;
  }
}

const refuse = (code: CapsuleErrorCode, detail: string, at: XmlElement): never => {
  throw new Problem({ ...capsuleError(code, `${at.name}: ${detail}`), line: at.line, column: at.column });
};

function readFlashType(root: XmlElement): FlashType {
  const metadata = descendant(root, 'Metadata') ?? refuse('XML_ELEMENT', 'Metadata is missing', root);
  const [first, second, ...more] = metadata.children;
  if (first === undefined || second === undefined || more.length > 0)
    return refuse('XML_ELEMENT', 'needs BreakingChangeNumber and FlashType, nothing else', metadata);
  const named = (name: string): XmlElement =>
    [first, second].find(child => child.name.toLowerCase() === name) ?? refuse('XML_ELEMENT', `no ${name}`, metadata);
  const breaking = named('breakingchangenumber');
  if (!/^[0-9]+$/.test(breaking.text.trim())) return refuse('XML_VALUE', 'not a number', breaking);
  const flash = named('flashtype');
  return parseFlashType(flash.text.trim()) ?? refuse('XML_VALUE', `${flash.text.trim()} is no flash type`, flash);
}

const descendant = (element: XmlElement, name: string): XmlElement | undefined =>
  element.children.find(child => child.name === name) ??
  element.children.map(child => descendant(child, name)).find(found => found !== undefined);

/** The one child of this name. */
function child(element: XmlElement, name: string): XmlElement {
  const [found, second] = element.children.filter(candidate => candidate.name === name);
  if (second !== undefined) return refuse('XML_ELEMENT', 'stands twice', second);
  return found ?? refuse('XML_ELEMENT', `${name} is missing`, element);
}

function readEntry(entry: XmlElement, flash: FlashType): FvEntry {
  const inputBinary = child(entry, 'InputBinary');
  // One file name: blanks and shell characters break the reference tool, and a path would leave the search directories.
  if (!/^[A-Za-z0-9_+@=,-][A-Za-z0-9_.+@=,-]*$/.test(inputBinary.text))
    refuse('XML_VALUE', 'not a plain file name', inputBinary);
  onlyValue(child(entry, 'UpdateType'), 'UPDATE_PARTITION');
  onlyValue(child(entry, 'BackupType'), 'BACKUP_PARTITION');
  return {
    inputBinary: inputBinary.text,
    inputPath: child(entry, 'InputPath').text.trim(),
    operation: readOperation(child(entry, 'Operation')),
    dest: readPartition(child(entry, 'Dest'), flash),
    backup: readPartition(child(entry, 'Backup'), flash),
    details: readDetails(entry, inputBinary.text),
  };
}

function onlyValue(element: XmlElement, value: string): void {
  if (element.text.trim().toUpperCase() !== value) refuse('XML_VALUE', `only ${value} can be built`, element);
}

function readOperation(element: XmlElement): FvOperation {
  const operation = element.text.trim().toUpperCase();
  return operation === 'IGNORE' || operation === 'UPDATE'
    ? operation
    : refuse('XML_VALUE', 'IGNORE or UPDATE', element);
}

function readPartition(element: XmlElement, flash: FlashType): PartitionText {
  const disk = child(element, 'DiskType');
  const diskType = parseDiskType(disk.text.trim()) ?? refuse('XML_VALUE', `${disk.text} is no disk type`, disk);
  if (!diskFitsFlash(diskTypeCode(diskType), flash)) refuse('DISK_TYPE', `${diskType} on ${flash}`, disk);
  const name = child(element, 'PartitionName');
  const fits = name.text.length <= PARTITION_NAME_CHARS && /^[\x20-\x7e]+$/.test(name.text);
  if (!fits || name.text === 'SYSFW_VERSION') refuse('XML_VALUE', 'not an updatable partition name', name);
  const guid = child(element, 'PartitionTypeGUID');
  if (looseGuid(guid.text) === undefined) refuse('XML_VALUE', 'not a GUID', guid);
  return { diskType: diskType satisfies DiskType, partitionName: name.text, partitionTypeGuid: guid.text };
}

/** What only target Glymur's metadata carries; undefined where the entry has none of it. */
function readDetails(entry: XmlElement, inputBinary: string): ImageDetails | undefined {
  const [match, type, validation] = ['MatchIdentifier', 'BinaryType', 'ARValidation'].map(name =>
    entry.children.some(candidate => candidate.name === name) ? child(entry, name) : undefined,
  );
  if (match === undefined && type === undefined && validation === undefined) return undefined;
  if ((match?.text.length ?? 0) > PARTITION_NAME_CHARS) refuse('XML_VALUE', 'longer than 36 characters', entry);
  const binaryType = type?.text.trim().toUpperCase() ?? 'RAW';
  if (binaryType !== 'RAW' && binaryType !== 'FATFS') return refuse('XML_VALUE', 'RAW or FATFS', type ?? entry);
  const images = (validation?.children ?? []).map(image => ({
    fileName: child(image, 'FileName').text,
    arValidationType: child(image, 'ARValidationType').text,
  }));
  if (images.length > IMAGE_SLOTS) refuse('XML_VALUE', 'at most two images', validation ?? entry);
  if (binaryType === 'RAW' && images.some(({ fileName }) => fileName !== inputBinary))
    refuse('XML_VALUE', 'a RAW image has the name of InputBinary', validation ?? entry);
  return { matchIdentifier: match?.text, binaryType, images };
}
