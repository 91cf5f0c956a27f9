// `seatrial plan`: what every board would do if this directory were what git says.

import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { houseCommand } from '../house-command.ts';
import { type Format, formatOption } from '../output/format.ts';

export interface PlanOptions {
  readonly observed: string;
  readonly output: Format;
  readonly device?: readonly string[];
  readonly fleet?: readonly string[];
}

export const planCommand = (cli: Cli): Command =>
  houseCommand('plan', {
    summary: 'preview what every board would do',
    description:
      'Runs the decisions that the boards run themselves, over what they were last seen to be, and prints every step that ' +
      'would follow, or why none would: window, gate, floor, full disk, an attempt that failed before. Touches nothing.',
    examples: [
      {
        goal: 'Take a snapshot of the fleet, then preview a change',
        line: 'seatrial snapshot > observed.json && seatrial plan fleets --observed observed.json',
      },
      { goal: 'One board alone', line: 'seatrial plan fleets --observed observed.json --device hub-01' },
      {
        goal: 'How many boards would change',
        line: 'seatrial plan --observed observed.json -o json | jq .summary.changing',
      },
    ],
    exitCodes: { 0: 'every board is what git says', 1: 'some board is not', 2: 'no plan could be made' },
  })
    .argument('[dir]', 'the root of the fleet repository', '.')
    .requiredOption(
      '--observed <file>',
      'a snapshot of the boards, as `seatrial snapshot` writes it; - reads standard input',
    )
    .addOption(formatOption())
    .option('--device <id...>', 'only these boards')
    .option('--fleet <name...>', 'only boards of these fleets')
    .action(async (directory: string, options: PlanOptions) => {
      const { runPlan } = await import('../plan/run-plan.ts');
      cli.finish(await runPlan(cli, directory, options));
    });
