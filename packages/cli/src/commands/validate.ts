// `seatrial validate`: every problem of a fleet repository at once.

import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { houseCommand } from '../house-command.ts';
import { type Format, formatOption } from '../output/format.ts';

export interface ValidateOptions {
  readonly output: Format;
  readonly requireSignatures?: boolean;
}

export const validateCommand = (cli: Cli): Command =>
  houseCommand('validate', {
    summary: 'check a fleet repository',
    description:
      'Reads every YAML file below DIR and reports every problem at once: code, file, line, column, the line itself and ' +
      'what to do about it. Warnings alone do not fail.',
    examples: [
      { goal: 'Check the repository that you stand in', line: 'seatrial validate' },
      {
        goal: 'Check before a release: unsigned documents are errors',
        line: 'seatrial validate fleets --require-signatures',
      },
      {
        goal: 'Annotate a pull request',
        line: "seatrial validate -o json | jq -r '.issues[] | [.file, .line, .code] | @tsv'",
      },
    ],
    exitCodes: { 0: 'no errors', 1: 'errors', 2: 'the directory could not be read' },
  })
    .argument('[dir]', 'the root of the fleet repository', '.')
    .addOption(formatOption())
    .option('--require-signatures', 'a missing signature or TrustRoot is an error')
    .action(async (directory: string, options: ValidateOptions) => {
      const { runValidate } = await import('../validate/run-validate.ts');
      cli.finish(await runValidate(cli, directory, options));
    });
