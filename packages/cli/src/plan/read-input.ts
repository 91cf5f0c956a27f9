// The fleet repository and the snapshot that a command is given, read or refused by code.

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseSnapshot, type Snapshot } from '@seatrial/controller/review';
import type { DesiredState } from '@seatrial/spec';
import type { Cli } from '../cli.ts';
import { CliError } from '../errors.ts';
import { renderValidation } from '../validate/render-validation.ts';
import { validateWithProgress } from '../validate/validate-with-progress.ts';

/** Fails with `observed-unreadable`, `observed-malformed`. */
export function readSnapshot({ cwd }: Cli, file: string): Snapshot {
  let text: string;
  try {
    text = readFileSync(file === '-' ? process.stdin.fd : resolve(cwd, file), 'utf8');
  } catch (cause) {
    throw new CliError('observed-unreadable', `${file} can not be read`, { cause });
  }
  const parsed = parseSnapshot(text);
  if (!parsed.ok) throw new CliError('observed-malformed', `${file}: ${parsed.error.join('; ')}`);
  return parsed.value;
}

/** Issues go to standard error: standard output is for the result. Fails with `desired-state-invalid`. */
export async function readDesired(cli: Cli, directory: string): Promise<DesiredState> {
  const validation = await validateWithProgress(cli, directory);
  if (validation.desired !== undefined) return validation.desired;
  cli.err.write(renderValidation(cli.err, validation));
  throw new CliError('desired-state-invalid', `${directory} has errors`);
}
