// `seatrial version`: what a bug report should name.

import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { houseCommand } from '../house-command.ts';
import { type Format, formatOption, printJson } from '../output/format.ts';
import { VERSION } from '../version.ts';

export const versionCommand = (cli: Cli): Command =>
  houseCommand('version', {
    summary: 'say which version this is',
    description: 'Prints the version of the command and of what it runs on.',
    examples: [{ goal: 'For a bug report', line: 'seatrial version -o json' }],
    exitCodes: { 0: 'always' },
  })
    .addOption(formatOption())
    .action(({ output }: { readonly output: Format }) => {
      const facts = {
        seatrial: VERSION,
        apiVersion: 'seatrial.dev/v1alpha1',
        node: process.versions.node,
        platform: `${process.platform}-${process.arch}`,
      };
      if (output === 'json') printJson(cli, facts);
      else cli.out.write(`seatrial ${facts.seatrial} (${facts.apiVersion}, Node ${facts.node}, ${facts.platform})\n`);
    });
