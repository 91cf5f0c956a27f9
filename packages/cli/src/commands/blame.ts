// `seatrial blame`: which commit, approval and decision put this on that board.

import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { type TrailOptions, withTrailOptions } from '../history/trail-options.ts';
import { houseCommand } from '../house-command.ts';
import { type Format, formatOption } from '../output/format.ts';

export interface BlameOptions extends TrailOptions {
  readonly output: Format;
}

export const blameCommand = (cli: Cli): Command =>
  withTrailOptions(
    houseCommand('blame', {
      summary: 'which commit, approval and decision put this on a board',
      description:
        'Names the lines in git that say what the board is to run, with the commits that wrote them, and the decisions on the ' +
        'audit branch that brought it there: when its stage was entered, who approved or promoted it, and what failed on it. ' +
        'What the board truly runs is what it reports: see `seatrial why`.',
      examples: [
        { goal: 'Who put this release on hub-01', line: 'seatrial blame hub-01' },
        { goal: 'Without a checkout', line: 'seatrial blame hub-01 --repository https://git.example/fleet.git' },
        { goal: 'The commit alone', line: 'seatrial blame hub-01 -o json | jq -r .release.origin.commit' },
      ],
      exitCodes: { 0: 'printed', 1: 'no fleet selects the board', 2: 'git could not be read, or has no such board' },
    }),
  )
    .argument('<device>', 'the board')
    .addOption(formatOption())
    .action(async (device: string, options: BlameOptions) => {
      const { runBlame } = await import('../history/run-blame.ts');
      const { orControllerFailure } = await import('../controller-failure.ts');
      cli.finish(await orControllerFailure(runBlame(cli, device, options)));
    });
