// Commits through the validator of the desired-state language, with what is known of a blob kept from one to the next.
//
// Touches: nothing outside; holds the bytes and parse results of the blobs of the last commit in memory.

import { type ParsedFile, type Sha256, systemClock, validateFiles } from '@seatrial/spec';
import { isOversized, OVERSIZED } from '../domain/oversized.ts';
import type { FleetFile } from '../ports/fleet-repository.ts';
import type { Validator } from '../ports/validator.ts';

export function specValidator(): Validator {
  let bytesOf: ReadonlyMap<string, Uint8Array> = new Map();
  let parsed: ReadonlyMap<Sha256, ParsedFile> = new Map();
  return {
    async validate(commit, files, read) {
      bytesOf = await bytesOfAll(files, bytesOf, read);
      const contents = new Map(files.map(({ path, blob }) => [path, bytesOf.get(blob) ?? OVERSIZED]));
      const used = new Map<Sha256, ParsedFile>();
      const cache = {
        get: (hash: Sha256) => used.get(hash) ?? keep(used, hash, parsed.get(hash)),
        set: (hash: Sha256, file: ParsedFile) => used.set(hash, file),
      };
      const validated = validateFiles(contents, { gitCommit: commit, nowMs: systemClock.now() }, cache);
      parsed = used;
      return validated;
    },
  };
}

/** What the last commit no longer uses is forgotten. */
function keep(used: Map<Sha256, ParsedFile>, hash: Sha256, file: ParsedFile | undefined): ParsedFile | undefined {
  if (file !== undefined) used.set(hash, file);
  return file;
}

async function bytesOfAll(
  files: readonly FleetFile[],
  known: ReadonlyMap<string, Uint8Array>,
  read: (blobs: readonly string[]) => Promise<ReadonlyMap<string, Uint8Array>>,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const blobs = new Set(files.filter(({ sizeBytes }) => !isOversized(sizeBytes)).map(({ blob }) => blob));
  const fresh = await read([...blobs].filter(blob => !known.has(blob)));
  return new Map(
    [...blobs].flatMap(blob => {
      const bytes = fresh.get(blob) ?? known.get(blob);
      return bytes === undefined ? [] : [[blob, bytes] as const];
    }),
  );
}
