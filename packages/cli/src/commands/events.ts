// `seatrial events`: what happened, and with --follow what happens.

import { type Command, InvalidArgumentError } from 'commander';
import type { Cli } from '../cli.ts';
import { houseCommand } from '../house-command.ts';
import { type Format, formatOption } from '../output/format.ts';
import { type ServerOptions, withServerOptions } from '../settings/server-options.ts';

export interface EventsOptions extends ServerOptions {
  readonly output: Format;
  readonly follow?: boolean;
  readonly limit: number;
  readonly fleet?: string;
  readonly device?: string;
}

const MOST = 1_000;

const count = (text: string): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > MOST)
    throw new InvalidArgumentError(`Not a number from 1 to ${MOST}.`);
  return value;
};

export const eventsCommand = (cli: Cli): Command =>
  withServerOptions(
    houseCommand('events', {
      summary: 'what happened, and what happens',
      description:
        'Prints decisions, failures and orders with who and why, oldest first. With --follow it stays and prints what is new; the ' +
        'connection is taken up again when it is lost, and nothing is missed. With -o json every event is one line.',
      examples: [
        { goal: 'The last hundred', line: 'seatrial events' },
        { goal: 'Watch one fleet', line: 'seatrial events --follow --fleet lab' },
      ],
      exitCodes: { 0: 'printed', 2: 'the controller could not be asked' },
    }),
  )
    .addOption(formatOption())
    .option('-f, --follow', 'stay and print what is new, until Ctrl-C')
    .option('--limit <count>', 'how many of the newest', count, 100)
    .option('--fleet <name>', 'events of this fleet')
    .option('--device <id>', 'events of this board')
    .action(async (options: EventsOptions) => {
      const { runEvents } = await import('../fleet/run-events.ts');
      await runEvents(cli, options);
    });
