// The story of a fleet on this machine, from its first release to its rest.

import type { Cli } from '../cli.ts';
import { CliError } from '../errors.ts';
import type { ExitCode } from '../exit-code.ts';
import type { Format } from '../output/format.ts';

export interface DemoOptions {
  readonly cli: Cli;
  readonly output: Format;
  /** End by itself when the story has been told, instead of staying for a look around. */
  readonly exit: boolean;
}

/** 0 when every scenario ended as it must, 1 otherwise. */
export async function runDemo(_options: DemoOptions): Promise<ExitCode> {
  throw new CliError('defect', 'the demo is not here yet');
}
