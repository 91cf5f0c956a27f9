// `seatrial simulate`: what merging this directory would lead to, lived through in virtual time.

import { type Command, Option } from 'commander';
import type { Cli } from '../cli.ts';
import { houseCommand } from '../house-command.ts';
import { type Format, formatOption } from '../output/format.ts';

export interface SimulateOptions {
  readonly observed?: string;
  readonly fleet?: readonly string[];
  readonly boards?: string;
  readonly from?: string;
  readonly releaseFailure: string;
  readonly faults: string;
  readonly network?: string;
  readonly osBytes: string;
  readonly gates: 'open' | 'observed';
  readonly approvals: 'given' | 'written';
  readonly at?: string;
  readonly days: string;
  readonly seed: string;
  readonly timeline?: string;
  readonly output: Format | 'markdown';
}

export const simulateCommand = (cli: Cli): Command =>
  houseCommand('simulate', {
    summary: 'rehearse a rollout before it is merged',
    description:
      'Lives through the rollouts of DIR in virtual time, with the controller and the agents themselves: stages, windows, ' +
      'soaks, gates and failure budgets as they stand in the files. Tells how long it would take, how many boards are at ' +
      'risk in each stage, what is downloaded, and what happens when the release fails on some boards. Boards start as ' +
      'they were observed; without --observed, on the release before. The same seed gives the same answer. Touches nothing.',
    examples: [
      { goal: 'How long would it take, if all goes well?', line: 'seatrial simulate fleets' },
      {
        goal: 'The boards as they really are, and a release that fails on one in fifty',
        line: 'seatrial simulate fleets --observed observed.json --release-failure 2',
      },
      {
        goal: 'A thousand boards on a cellular network, with the faults of the field',
        line: 'seatrial simulate fleets --fleet lab --boards 1000 --network cellular --faults field',
      },
      {
        goal: 'Health checks that fail on 5 % and capsules that are refused on 1 %, as a picture',
        line: 'seatrial simulate fleets --release-failure unhealthy=5,refused=1 --timeline rollout.svg',
      },
      {
        goal: 'Let a pull request say how long its rollout takes',
        line: "seatrial simulate fleets -o json | jq '.fleets[] | {fleet, end, lastsMs}'",
      },
    ],
    exitCodes: {
      0: 'every rollout completes and every board arrives',
      1: 'a rollout stops, or leaves boards behind',
      2: 'nothing could be rehearsed',
    },
  })
    .argument('[dir]', 'the root of the fleet repository, as it would be after the merge', '.')
    .option('--observed <file>', 'boards as `seatrial snapshot` saw them; - reads standard input')
    .option('--fleet <name...>', 'only these fleets')
    .option('--boards <count>', 'so many boards in each fleet, instead of those that are listed')
    .option('--from <release>', 'what boards run before, where they were not observed (default: the release before)')
    .option(
      '--release-failure <shares>',
      'percent of the boards on which the release fails: a number, or unhealthy, panic, hang, flap, crash, refused, ' +
        'dead, each =PERCENT',
      '0',
    )
    .option(
      '--faults <rates>',
      'what goes wrong around it: none, few, field, storm, or power, outage, offline, cut-off, kill, storage, firmware, ' +
        'clock, lost-bless, dead, each =PERCENT of the boards, and controller, broker, each =TIMES',
      'none',
    )
    .option(
      '--network <class>',
      'ethernet, wifi, cellular or satellite; a rate for each board may follow, as in wifi:1MiB/s',
    )
    .option('--os-bytes <size>', 'what pulling the OS takes for each board', '300MiB')
    .addOption(
      new Option('--gates <how>', 'whether gates are open on every board, or as observed')
        .choices(['open', 'observed'])
        .default('open'),
    )
    .addOption(
      new Option('--approvals <which>', 'whether every approval that a stage needs is given, or those that git holds')
        .choices(['given', 'written'])
        .default('given'),
    )
    .option(
      '--at <moment>',
      'when it is merged, as in 2026-01-05T09:00:00Z (default: when boards were observed, else a Monday at 09:00 UTC)',
    )
    .option('--days <count>', 'end after so many days, whatever is still to come', '60')
    .option('--seed <number>', 'choose what chance brings', '1')
    .option('--timeline <file>', 'draw the boards over time as SVG')
    .addOption(formatOption('markdown'))
    .action(async (directory: string, options: SimulateOptions) => {
      const { runSimulate } = await import('../simulate/run-simulate.ts');
      cli.finish(await runSimulate(cli, directory, options));
    });
