// systemd-boot over real files: reads loader/entries, counts by renaming, and leaves its variables to the OS.
// Reads and renames in <ESP>/loader/entries; writes root/sys/firmware/efi/efivars/Loader*.

import { existsSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { decodeEfiText, encodeEfiText, type LoaderEntry, parseLoaderEntry } from '@seatrial/capsule-plan';
import { type BoardPaths, type LoaderVariableName, loaderVariablePath } from '../board-paths.ts';
import {
  deleteVariable,
  listFiles,
  readVariable,
  VOLATILE_ATTRIBUTES,
  writeVariable,
} from '../firmware/variable-files.ts';
import { type Selection, selectEntry } from './select-entry.ts';

/** What the kernel is started with. */
export interface StartedEntry {
  /** As the file is named while this boot runs. */
  readonly fileName: string;
  readonly options: string;
  readonly entry: LoaderEntry;
}

/** Selects an entry and starts it: counted by a rename first, so that a crash after this line has used one try. */
export function startEntry(
  paths: BoardPaths,
  { ignoresExhaustion = false }: { readonly ignoresExhaustion?: boolean } = {},
): StartedEntry | undefined {
  const oneShot = readText(paths, 'LoaderEntryOneShot');
  const held = readText(paths, 'LoaderEntryDefault');
  deleteVariable(loaderVariablePath(paths, 'LoaderEntryOneShot'));
  const selection = selectEntry(readEntries(paths), {
    ...(oneShot === undefined ? {} : { oneShot }),
    ...(held === undefined ? {} : { default: held }),
    ignoresExhaustion,
  });
  if (selection === undefined) return undefined;
  return started(paths, selection);
}

function started(paths: BoardPaths, { entry, id, countedFileName }: Selection): StartedEntry {
  const fileName = countedFileName ?? entry.fileName;
  const options = readOptions(readFileSync(join(paths.loaderEntries, entry.fileName), 'utf8'));
  renameSync(join(paths.loaderEntries, entry.fileName), join(paths.loaderEntries, fileName));
  writeText(paths, 'LoaderInfo', 'systemd-boot 257 (virtual board)');
  writeText(paths, 'LoaderEntrySelected', id);
  if (countedFileName !== undefined) writeText(paths, 'LoaderBootCountPath', `\\loader\\entries\\${fileName}`);
  return { fileName, options, entry };
}

/** Entries that the loader offers: well named, readable, and with a kernel that is there. */
export const readEntries = (paths: BoardPaths): readonly LoaderEntry[] =>
  listFiles(paths.loaderEntries)
    .filter(name => !/^(?:\.|auto-)/u.test(name))
    .map(name => parseLoaderEntry(name, readFileSync(join(paths.loaderEntries, name), 'utf8')))
    .filter(entry => entry !== undefined)
    .filter(({ linux }) => linux !== '' && existsSync(join(paths.esp, linux)));

const readOptions = (text: string): string =>
  [...text.matchAll(/^\s*options\s+(.*?)\s*$/gmu)].map(([, options]) => options).join(' ');

function readText(paths: BoardPaths, name: LoaderVariableName): string | undefined {
  const value = readVariable(loaderVariablePath(paths, name));
  return value === undefined ? undefined : decodeEfiText(value);
}

const writeText = (paths: BoardPaths, name: LoaderVariableName, text: string): void =>
  writeVariable(loaderVariablePath(paths, name), encodeEfiText(text), VOLATILE_ATTRIBUTES);
