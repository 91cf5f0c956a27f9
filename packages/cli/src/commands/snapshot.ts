// `seatrial snapshot`: what every board was last seen to be, for `seatrial plan` and `seatrial diff`.

import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { houseCommand } from '../house-command.ts';
import { type ServerOptions, withServerOptions } from '../settings/server-options.ts';

export const snapshotCommand = (cli: Cli): Command =>
  withServerOptions(
    houseCommand('snapshot', {
      summary: 'save what every board reports',
      description:
        'Prints the observed state of every board that has reported, as JSON: what `seatrial plan` and `seatrial diff` read.',
      examples: [
        {
          goal: 'Preview a change before it is merged',
          line: 'seatrial snapshot > observed.json && seatrial diff origin/main HEAD --observed observed.json',
        },
      ],
      exitCodes: { 0: 'printed', 2: 'the controller could not be asked' },
    }),
  ).action(async (options: ServerOptions) => {
    const { runSnapshot } = await import('../fleet/run-snapshot.ts');
    await runSnapshot(cli, options);
  });
