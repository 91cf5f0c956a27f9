// `seatrial demo`: a whole fleet on this machine, told as it happens.

import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { houseCommand } from '../house-command.ts';
import { type Format, formatOption } from '../output/format.ts';

interface DemoFlags {
  readonly output: Format;
  readonly exit?: boolean;
  readonly seed?: number;
}

export const demoCommand = (cli: Cli): Command =>
  houseCommand('demo', {
    summary: 'see a fleet go through releases and failures',
    description:
      'Starts a git repository, the controller and eight virtual boards with their real agents and real OSTree, and tells what ' +
      'happens: a release that goes well, one whose OS fails its health check, one whose capsule the firmware refuses, a git ' +
      'revert, and power that is cut on two boards meanwhile. Needs ostree and git; touches nothing outside of a temporary directory.',
    examples: [
      { goal: 'Watch the story, then look around until Ctrl-C', line: 'seatrial demo' },
      { goal: 'Let a script judge it', line: 'seatrial demo --exit -o json' },
    ],
    exitCodes: { 0: 'everything went as it must', 1: 'something went otherwise', 2: 'the demo could not run' },
  })
    .addOption(formatOption())
    .option('--exit', 'end when the story has been told')
    .option('--seed <number>', 'choose where the power fails', Number)
    .action(async ({ output, exit = false, seed }: DemoFlags) => {
      const { runDemo } = await import('../demo/run-demo.ts');
      cli.finish(await runDemo({ cli, output, exit, seed }));
    });
