// Adapter: keeps the verdicts on files between runs, in one file per directory under $XDG_CACHE_HOME/seatrial.
// Losing or damaging it costs time and nothing else. Writes a new file and renames it over the old.

import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { sha256Hex } from './fingerprint.ts';
import type { Sha256 } from './ids.ts';
import type { ParsedFile } from './parse-file.ts';
import type { ParseCache } from './validate-files.ts';

export interface DiskCache extends ParseCache {
  /** Writes what this run asked for, if that differs from what is on disk. Failing to is not an error. */
  save(): void;
}

/** $XDG_CACHE_HOME/seatrial, or ~/.cache/seatrial. */
export const defaultCacheFolder = (environment: NodeJS.ProcessEnv = process.env): string =>
  join(environment['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'seatrial');

/** The verdicts that the last run over this directory left behind, if they come from this very version of the code. */
export function openDiskCache(directory: string, folder: string = defaultCacheFolder()): DiskCache {
  const path = join(folder, `${sha256Hex(resolve(directory)).slice(0, 32)}.json`);
  const stored = read(path);
  const asked = new Map<Sha256, ParsedFile>();
  return {
    get(contentHash) {
      const known = asked.get(contentHash) ?? stored.get(contentHash);
      if (known !== undefined) asked.set(contentHash, known);
      return known;
    },
    set: (contentHash, parsed) => asked.set(contentHash, parsed),
    save() {
      const same = asked.size === stored.size && [...asked.keys()].every(key => stored.has(key));
      if (!same) write(folder, path, asked);
    },
  };
}

/** First line: version of the code and checksum of the rest. A byte that changed makes the whole file worthless. */
function read(path: string): ReadonlyMap<Sha256, ParsedFile> {
  try {
    const text = readFileSync(path, 'utf8');
    const end = text.indexOf('\n');
    const body = text.slice(end + 1);
    if (text.slice(0, end) !== header(body)) return new Map();
    return new Map(JSON.parse(body) as [Sha256, ParsedFile][]); // we wrote it: the checksum says so
  } catch {
    return new Map();
  }
}

function write(folder: string, path: string, entries: ReadonlyMap<Sha256, ParsedFile>): void {
  const temporary = `${path}.${process.pid}`;
  try {
    const body = JSON.stringify([...entries]);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(temporary, `${header(body)}\n${body}`, { mode: 0o600 });
    renameSync(temporary, path);
  } catch {
    remove(temporary);
  }
}

function remove(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // Its folder is no folder: then there is nothing to remove either.
  }
}

const header = (body: string): string => `seatrial-parse-cache ${codeVersion()} ${sha256Hex(body)}`;

/** Changes whenever the code that reaches the verdicts may have: our own files, and the version of zod. */
function codeVersion(): string {
  const files = [import.meta.dirname, join(import.meta.dirname, 'kinds')].flatMap(folder => stamps(folder));
  return sha256Hex([JSON.stringify(z.core.version), ...files].join('\n')).slice(0, 16);
}

function stamps(folder: string): string[] {
  try {
    return readdirSync(folder).map(name => {
      const { size, mtimeMs } = statSync(join(folder, name));
      return `${name} ${size} ${mtimeMs}`;
    });
  } catch {
    return [];
  }
}
