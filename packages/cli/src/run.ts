// One run of the command: words in, exit code out.

import type { Cli } from './cli.ts';
import type { ExitCode } from './exit-code.ts';
import { createProgram } from './program.ts';
import { reportFailure } from './report-failure.ts';

/** Never throws. `argv` starts after the name of the command. */
export async function run(argv: readonly string[], surroundings: Omit<Cli, 'finish'>): Promise<ExitCode> {
  let exitCode: ExitCode = 0;
  const cli: Cli = {
    ...surroundings,
    finish: code => {
      exitCode = code;
    },
  };
  try {
    await createProgram(cli).parseAsync(argv.length === 0 ? ['help'] : argv, { from: 'user' });
    return exitCode;
  } catch (error) {
    return reportFailure(cli, argv, error);
  }
}
