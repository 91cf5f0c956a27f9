// Validation of a directory that a user waits for.

import { type DirectoryOptions, type DirectoryValidation, validateDirectory } from '@seatrial/spec';
import type { Cli } from '../cli.ts';
import { type Progress, startProgress } from '../output/progress.ts';
import { resolveDirectory } from './resolve-directory.ts';

/** Shows a bar where ten thousand files take their time. Fails with `directory-unreadable`. */
export async function validateWithProgress(
  cli: Cli,
  directory: string,
  options: Pick<DirectoryOptions, 'requireSignatures'> = {},
): Promise<DirectoryValidation> {
  let progress: Progress | undefined;
  const onJudging = (fileCount: number): void => {
    progress ??= startProgress(cli, 'validating', fileCount);
    progress.advance(1);
  };
  const path = resolveDirectory(cli, directory);
  try {
    return await validateDirectory(path, { ...options, nowMs: cli.clock.now(), onJudging });
  } finally {
    progress?.end();
  }
}
