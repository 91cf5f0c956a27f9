// `seatrial status`: how the controller itself is, and what is wrong around it.

import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { houseCommand } from '../house-command.ts';
import { type Format, formatOption } from '../output/format.ts';
import { type ServerOptions, withServerOptions } from '../settings/server-options.ts';

export interface StatusOptions extends ServerOptions {
  readonly output: Format;
}

export const statusCommand = (cli: Cli): Command =>
  withServerOptions(
    houseCommand('status', {
      summary: 'how is the controller?',
      description:
        'Which commit is in force, whether a newer one was refused and why, broker, audit branch, and everything that is wrong ' +
        'around the controller with its remedy.',
      examples: [
        { goal: 'Was the last commit taken?', line: 'seatrial status' },
        { goal: 'In a health check', line: 'seatrial status -o json | jq -e .ready' },
      ],
      exitCodes: { 0: 'all is well', 1: 'something is wrong', 2: 'the controller could not be asked' },
    }),
  )
    .addOption(formatOption())
    .action(async (options: StatusOptions) => {
      const { runStatus } = await import('../fleet/run-status.ts');
      cli.finish(await runStatus(cli, options));
    });
