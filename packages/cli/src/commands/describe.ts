// `seatrial describe`: everything that is known of one fleet, device, rollout or release.

import { Argument, type Command } from 'commander';
import type { Cli } from '../cli.ts';
import { houseCommand } from '../house-command.ts';
import { type Format, formatOption } from '../output/format.ts';
import { type ServerOptions, withServerOptions } from '../settings/server-options.ts';

export const DESCRIBED = ['fleet', 'device', 'rollout', 'release'] as const;
export type DescribedKind = (typeof DESCRIBED)[number];

export interface DescribeOptions extends ServerOptions {
  readonly output: Format;
}

export const describeCommand = (cli: Cli): Command =>
  withServerOptions(
    houseCommand('describe', {
      summary: 'show everything about one of them',
      description:
        'Asks the controller about one fleet, device, rollout or release: what is wanted, what is seen, and since when.',
      examples: [
        { goal: 'What does this board run, and on which evidence?', line: 'seatrial describe device hub-01' },
        { goal: 'How far is the rollout of a fleet?', line: 'seatrial describe rollout lab' },
      ],
      exitCodes: { 0: 'described', 2: 'there is none, or the controller could not be asked' },
    }),
  )
    .addArgument(new Argument('<kind>', 'what it is').choices(DESCRIBED))
    .argument('<name>', 'its name; a rollout has that of its fleet')
    .addOption(formatOption())
    .action(async (kind: DescribedKind, name: string, options: DescribeOptions) => {
      const { runDescribe } = await import('../fleet/run-describe.ts');
      await runDescribe(cli, { kind, name }, options);
    });
