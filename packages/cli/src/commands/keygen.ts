// `seatrial keygen`: an Ed25519 key pair for a role of the TrustRoot.

import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { houseCommand } from '../house-command.ts';
import { type Format, formatOption } from '../output/format.ts';

export interface KeygenOptions {
  readonly directory: string;
  readonly output: Format;
}

export const keygenCommand = (cli: Cli): Command =>
  houseCommand('keygen', {
    summary: 'make a key that signs releases, approvals, roots or plans',
    description:
      'Writes NAME.key (private, Ed25519, readable by you alone) and NAME.pub (the line that belongs into the TrustRoot). ' +
      'Never overwrites a key. Keep private keys out of git; capsules are signed with RSA keys of another kind.',
    examples: [
      { goal: 'A key for the vendor role', line: 'seatrial keygen k-vendor-1 --directory ~/keys' },
      { goal: 'Put its public half into the TrustRoot', line: 'cat ~/keys/k-vendor-1.pub' },
    ],
    exitCodes: { 0: 'both files are written', 2: 'none is' },
  })
    .argument('<name>', 'the name of the key in the TrustRoot')
    .option('-d, --directory <dir>', 'where to write the files', '.')
    .addOption(formatOption())
    .action(async (name: string, options: KeygenOptions) => {
      const { runKeygen } = await import('../signing/run-keygen.ts');
      runKeygen(cli, name, options);
    });
