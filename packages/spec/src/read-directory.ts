// Adapter: reads the YAML and signature files of a directory. Touches only files below it, and follows no symbolic link.

import { type Dirent, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Issue, issueOf } from './issue.ts';
import type { IssueCode } from './issue-table.ts';
import { LIMITS } from './limits.ts';
import { isEnvelopeFile, isYaml } from './validate-files.ts';

export interface DirectoryContents {
  /** By path relative to the directory, with forward slashes. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Files that could not be read, or were not. */
  readonly issues: readonly Issue[];
}

/**
 * Directories whose name starts with a dot, and node_modules, are passed over. Reads synchronously: for ten thousand
 * small files that takes a third of the time. Never throws: what can not be read is an issue.
 */
export function readDirectory(directory: string): DirectoryContents {
  const files = new Map<string, Uint8Array>();
  const issues: Issue[] = [];
  const complain = (path: string, code: IssueCode, message: string): void => {
    issues.push(issueOf(path, { code, line: 1, column: 1, message }));
  };
  const pending = [''];
  for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
    for (const { entry, path } of list(directory, folder, complain)) {
      if (entry.isDirectory() && !isPassedOver(entry.name)) pending.push(path);
      else if (!isYaml(path) && !isEnvelopeFile(path)) continue;
      else if (entry.isSymbolicLink()) complain(path, 'symlink-ignored', 'a symbolic link is not followed');
      else if (entry.isFile()) readInto(files, directory, path, complain);
    }
  }
  return { files, issues };
}

type Complain = (path: string, code: IssueCode, message: string) => void;

/** Whether a file lies where fleets are looked for, by its path with forward slashes. */
export const isInFleet = (path: string): boolean => !path.split('/').slice(0, -1).some(isPassedOver);

const isPassedOver = (name: string): boolean => name.startsWith('.') || name === 'node_modules';

function list(directory: string, folder: string, complain: Complain): { entry: Dirent; path: string }[] {
  try {
    return readdirSync(join(directory, folder), { withFileTypes: true })
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .map(entry => ({ entry, path: folder === '' ? entry.name : `${folder}/${entry.name}` }));
  } catch (error) {
    complain(folder === '' ? '.' : folder, 'file-unreadable', systemCode(error));
    return [];
  }
}

/** A file that is too large is left to the decoder to refuse, by its first bytes beyond the bound. */
function readInto(files: Map<string, Uint8Array>, directory: string, path: string, complain: Complain): void {
  const place = join(directory, path);
  try {
    const { size } = statSync(place);
    if (size > LIMITS.fileBytes)
      complain(path, 'file-too-large', `the file has ${size} bytes, more than ${LIMITS.fileBytes}`);
    else files.set(path, readFileSync(place));
  } catch (error) {
    complain(path, 'file-unreadable', systemCode(error));
  }
}

const systemCode = (error: unknown): string =>
  error instanceof Error && 'code' in error ? `the system says ${String(error.code)}` : 'it can not be read';
