// Three-way merges of single files by git.
//
// Runs: git merge-file. Writes: three files in a temporary directory, which it removes.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PortError } from '../errors.ts';
import type { TextMerge } from '../ports/text-merge.ts';
import { type Git, GitFailure } from './git-command.ts';

export const gitTextMerge =
  (git: Git): TextMerge =>
  async texts => {
    const directory = await mkdtemp(join(tmpdir(), 'seatrial-merge-'));
    try {
      const files = (['ours', 'base', 'theirs'] as const).map(side => join(directory, side));
      await Promise.all(
        (['ours', 'base', 'theirs'] as const).map((side, index) => writeFile(files[index] ?? '', texts[side])),
      );
      return (await git.run(['merge-file', '--stdout', '--quiet', ...files])).toString();
    } catch (error) {
      // The exit code counts the conflicts, up to 127 [git-merge-file(1)].
      if (error instanceof GitFailure && error.exitCode > 0 && error.exitCode < 128) return undefined;
      throw error instanceof GitFailure
        ? new PortError('git-failed', directory, { detail: error.message, cause: error })
        : error;
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  };
