// `seatrial get`: fleets, devices, rollouts or releases as a table.

import type { Standing } from '@seatrial/controller';
import { Argument, type Command, Option } from 'commander';
import type { Cli } from '../cli.ts';
import { houseCommand } from '../house-command.ts';
import { type Format, formatOption } from '../output/format.ts';
import { type ServerOptions, withServerOptions } from '../settings/server-options.ts';

export const LISTS = ['fleets', 'devices', 'rollouts', 'releases'] as const;
export type ListKind = (typeof LISTS)[number];

export interface GetOptions extends ServerOptions {
  readonly output: Format | 'wide';
  readonly fleet?: string;
  readonly release?: string;
  readonly standing?: Standing;
}

/** The controller's own list; a test holds them together, so that help needs not load the controller. */
export const STANDING_NAMES = [
  'unassigned',
  'queued',
  'pending',
  'updating',
  'gated',
  'blocked',
  'failed',
  'overdue',
  'unreachable',
  'upToDate',
] as const satisfies readonly Standing[];

export const getCommand = (cli: Cli): Command =>
  withServerOptions(
    houseCommand('get', {
      summary: 'list fleets, devices, rollouts or releases',
      description: 'Asks the controller and prints a table, or everything it knows as JSON.',
      examples: [
        { goal: 'How are the fleets?', line: 'seatrial get fleets' },
        { goal: 'Which boards failed?', line: 'seatrial get devices --standing failed' },
        {
          goal: 'Ids of the boards of one fleet that are not there yet',
          line: `seatrial get devices --fleet lab -o json | jq -r '.devices[] | select(.standing != "upToDate") | .device'`,
        },
      ],
      exitCodes: { 0: 'listed', 2: 'the controller could not be asked' },
    }),
  )
    .addArgument(new Argument('<kind>', 'what to list').choices(LISTS))
    .addOption(formatOption('wide'))
    .option('--fleet <name>', 'devices of this fleet')
    .option('--release <name>', 'devices that are to run this release')
    .addOption(new Option('--standing <standing>', 'devices that stand so').choices(STANDING_NAMES))
    .action(async (kind: ListKind, options: GetOptions) => {
      const { runGet } = await import('../fleet/run-get.ts');
      await runGet(cli, kind, options);
    });
