// `seatrial completion`: lets the shell complete commands and options; and the hidden `complete`, which it asks.

import { Argument, Command } from 'commander';
import type { Cli } from '../cli.ts';
import { houseCommand } from '../house-command.ts';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

export const completionCommand = (cli: Cli): Command =>
  houseCommand('completion', {
    summary: 'complete commands in your shell',
    description:
      'Prints a script for the shell that asks this command for what may follow, so that it is never out of date.',
    examples: [
      { goal: 'In ~/.bashrc', line: 'source <(seatrial completion bash)' },
      { goal: 'In ~/.zshrc', line: 'source <(seatrial completion zsh)' },
      { goal: 'For fish', line: 'seatrial completion fish > ~/.config/fish/completions/seatrial.fish' },
    ],
    exitCodes: { 0: 'always' },
  })
    .addArgument(new Argument('<shell>', 'the shell').choices(SHELLS))
    .action(async (shell: Shell) => {
      const { completionScript } = await import('../completion/scripts.ts');
      cli.out.write(completionScript(shell));
    });

/** `seatrial complete -- WORD…`: one candidate in a line for the last word, which may be empty. */
export const completeCommand = (cli: Cli, program: Command): Command =>
  new Command('complete')
    .argument('[words...]')
    .allowUnknownOption()
    .action(async (words: readonly string[]) => {
      const { candidates } = await import('../completion/candidates.ts');
      cli.out.write(
        candidates(program, words)
          .map(word => `${word}\n`)
          .join(''),
      );
    });
