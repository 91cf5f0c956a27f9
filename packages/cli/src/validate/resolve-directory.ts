// The directory that a user names, seen to exist before anything is made of it.

import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Cli } from '../cli.ts';
import { CliError } from '../errors.ts';

/** Absolute. Fails with `directory-unreadable`. */
export function resolveDirectory({ cwd }: Pick<Cli, 'cwd'>, directory: string): string {
  const path = resolve(cwd, directory);
  let isDirectory: boolean;
  try {
    isDirectory = statSync(path).isDirectory();
  } catch (cause) {
    throw new CliError('directory-unreadable', `${directory} can not be read`, { cause });
  }
  if (!isDirectory) throw new CliError('directory-unreadable', `${directory} is not a directory`);
  return path;
}
