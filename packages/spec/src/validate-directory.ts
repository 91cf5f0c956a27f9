// Read, then decide: the one call behind `seatrial validate`.

import { openDiskCache } from './disk-cache.ts';
import { compareIssues, hasErrors } from './issue.ts';
import { readDirectory } from './read-directory.ts';
import { type ParseCache, type ValidateOptions, type Validation, validateFiles } from './validate-files.ts';

export interface DirectoryOptions extends ValidateOptions {
  /** Where verdicts on unchanged files are kept; `false` keeps none. The default is $XDG_CACHE_HOME/seatrial. */
  readonly cacheFolder?: string | false | undefined;
  /** Called as each file is judged, with how many files there are: for a progress bar. */
  readonly onJudging?: ((fileCount: number) => void) | undefined;
}

export interface DirectoryValidation extends Validation {
  /** What was read, for excerpts: by path relative to the directory. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** Validates every YAML file below a directory. A directory that can not be read is an issue, not an exception. */
export async function validateDirectory(
  directory: string,
  options: DirectoryOptions = {},
): Promise<DirectoryValidation> {
  const { files, issues } = readDirectory(directory);
  const cache = options.cacheFolder === false ? undefined : openDiskCache(directory, options.cacheFolder);
  const { onJudging } = options;
  const asked = onJudging === undefined ? cache : watched(cache ?? new Map(), () => onJudging(files.size));
  const validation = validateFiles(files, options, asked);
  cache?.save();
  const all = [...issues, ...validation.issues].sort(compareIssues);
  return { issues: all, desired: hasErrors(all) ? undefined : validation.desired, parsed: validation.parsed, files };
}

/** Every file is asked for once. */
const watched = (cache: ParseCache, onAsked: () => void): ParseCache => ({
  get(contentHash) {
    onAsked();
    return cache.get(contentHash);
  },
  set: (contentHash, parsed) => cache.set(contentHash, parsed),
});
