// `seatrial log`: what was decided, when, by whom and why, from the audit branch.

import { type Command, InvalidArgumentError } from 'commander';
import type { Cli } from '../cli.ts';
import { type TrailOptions, withTrailOptions } from '../history/trail-options.ts';
import { houseCommand } from '../house-command.ts';
import { type Format, formatOption } from '../output/format.ts';

export interface LogOptions extends TrailOptions {
  readonly output: Format;
  readonly fleet?: string;
  readonly device?: string;
  readonly since?: string;
  readonly limit?: number;
}

const count = (text: string): number => {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError('Not a whole number from 1.');
  return value;
};

export const logCommand = (cli: Cli): Command =>
  withTrailOptions(
    houseCommand('log', {
      summary: 'what was decided, by whom and why',
      description:
        'Reads the decisions of the controller from the audit branch in git, newest first; no controller is asked. A branch that ' +
        'no longer holds what was read here before is refused: decisions are only ever added.',
      examples: [
        { goal: 'What was decided about one fleet this week', line: 'seatrial log --fleet lab --since 7d' },
        { goal: 'Everything about one board', line: 'seatrial log --device hub-01' },
        {
          goal: 'Who promoted stages by hand',
          line: `seatrial log -o json | jq '.decisions[] | select(.decision.kind == "stage-promoted")'`,
        },
      ],
      exitCodes: { 0: 'printed', 1: 'no decision is like that', 2: 'the branch could not be read, or was rewritten' },
    }),
  )
    .addOption(formatOption())
    .option('--fleet <name>', 'decisions about this fleet')
    .option('--device <id>', 'decisions that name this board')
    .option('--since <when>', 'no older than this: a duration such as 7d, or a date')
    .option('-n, --limit <count>', 'so many of the newest', count)
    .action(async (options: LogOptions) => {
      const { runLog } = await import('../history/run-log.ts');
      const { orControllerFailure } = await import('../controller-failure.ts');
      cli.finish(await orControllerFailure(runLog(cli, options)));
    });
