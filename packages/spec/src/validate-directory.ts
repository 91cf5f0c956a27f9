// Read, then decide: the one call behind `seatrial validate`.

import { openDiskCache } from './disk-cache.ts';
import { compareIssues, hasErrors } from './issue.ts';
import { readDirectory } from './read-directory.ts';
import { type ValidateOptions, type Validation, validateFiles } from './validate-files.ts';

export interface DirectoryOptions extends ValidateOptions {
  /** Where verdicts on unchanged files are kept; `false` keeps none. The default is $XDG_CACHE_HOME/seatrial. */
  readonly cacheFolder?: string | false | undefined;
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
  const validation = validateFiles(files, options, cache);
  cache?.save();
  const all = [...issues, ...validation.issues].sort(compareIssues);
  return { issues: all, desired: hasErrors(all) ? undefined : validation.desired, files };
}
