// `seatrial diff`: what a change would do to every board, before it is merged.

import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { houseCommand } from '../house-command.ts';
import { formatOption } from '../output/format.ts';

export interface DiffOptions {
  readonly observed: string;
  readonly output: 'text' | 'markdown' | 'json';
  readonly directory: string;
  readonly policy?: string;
  readonly artifacts?: string;
  readonly approvedBy?: readonly string[];
}

export const diffCommand = (cli: Cli): Command =>
  houseCommand('diff', {
    summary: 'review what a change would do',
    description:
      'Compares two revisions and tells what every board would do if HEAD were merged into BASE now: who changes, from what to ' +
      'what, how much is fetched, in which stages, and what could not be taken back. It is the review that pull requests get, in ' +
      'the terminal. Reads git without a checkout; branches that went apart are merged in memory. Touches nothing.',
    examples: [
      {
        goal: 'Review a branch before it is pushed',
        line: 'seatrial snapshot > observed.json && seatrial diff origin/main HEAD --observed observed.json',
      },
      {
        goal: 'What would going back do? Some firmware can not',
        line: 'seatrial diff HEAD HEAD~1 --observed observed.json',
      },
      {
        goal: 'In any CI: post the text, and fail when the policy refuses',
        line: 'seatrial diff origin/main HEAD --observed observed.json -o json | jq -e \'.conclusion != "failure"\'',
      },
      {
        goal: 'Work that is not committed yet',
        line: 'seatrial diff HEAD ./fleets --directory fleets --observed observed.json',
      },
    ],
    exitCodes: {
      0: 'no board would do anything else',
      1: 'there are changes',
      2: 'no review could be made, or HEAD has errors',
    },
  })
    .argument('<base>', 'what the change is merged into: a revision, or a directory')
    .argument('<head>', 'the change: a revision, or a directory (begin with ./ where a branch has its name)')
    .requiredOption(
      '--observed <file>',
      'a snapshot of the boards, as `seatrial snapshot` writes it; - reads standard input',
    )
    .addOption(formatOption('markdown'))
    .option('--directory <dir>', 'where in the repository the fleet lies', '')
    .option('--policy <file>', 'another policy than the seatrial.policy.yaml of BASE')
    .option('--artifacts <dir>', 'compare capsules with the files here, by the path of their URL or by their name')
    .option('--approved-by <role...>', 'roles that have approved the change')
    .action(async (base: string, head: string, options: DiffOptions) => {
      const { runDiff } = await import('../diff/run-diff.ts');
      cli.finish(await runDiff(cli, { base, head }, options));
    });
