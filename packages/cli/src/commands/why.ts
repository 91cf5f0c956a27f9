// `seatrial why`: what keeps a board from what git says.

import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { houseCommand } from '../house-command.ts';
import { type Format, formatOption } from '../output/format.ts';
import { type ServerOptions, withServerOptions } from '../settings/server-options.ts';

export interface WhyOptions extends ServerOptions {
  readonly output: Format;
}

export const whyCommand = (cli: Cli): Command =>
  withServerOptions(
    houseCommand('why', {
      summary: 'why is this board not up to date?',
      description:
        'Names what holds the board, the first thing first: suspended fleet, missing signatures or approval, pin, stage, pause, window, ' +
        'gate, floor, failure, silence; and who can lift it.',
      examples: [
        { goal: 'Ask about one board', line: 'seatrial why hub-01' },
        { goal: 'In a script', line: 'seatrial why hub-01 -o json | jq -r .holds[0].reason' },
      ],
      exitCodes: { 0: 'it is up to date', 1: 'it is not', 2: 'the controller could not be asked' },
    }),
  )
    .argument('<device>', 'the id of the board')
    .addOption(formatOption())
    .action(async (device: string, options: WhyOptions) => {
      const { runWhy } = await import('../fleet/run-why.ts');
      cli.finish(await runWhy(cli, device, options));
    });
