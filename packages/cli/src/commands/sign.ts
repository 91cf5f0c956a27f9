// `seatrial sign`: adds a signature to the envelope beside a Release, Approval or TrustRoot.

import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { houseCommand } from '../house-command.ts';
import { type Format, formatOption } from '../output/format.ts';

export interface SignOptions {
  readonly key: readonly string[];
  readonly replace?: boolean;
  readonly output: Format;
}

export const signCommand = (cli: Cli): Command =>
  houseCommand('sign', {
    summary: 'sign a release, an approval or a trust root',
    description:
      'Signs what the YAML document says (its canonical JSON, so that comments and layout do not matter) and writes the ' +
      'DSSE envelope NAME.dsse.json beside NAME.yaml. Signatures that are there and still hold are kept: every role signs in turn.',
    examples: [
      {
        goal: 'The vendor signs a release',
        line: 'seatrial sign fleets/releases/lab-1.1.0.yaml --key ~/keys/k-vendor-1.key',
      },
      {
        goal: 'A new root, signed by the old and the new key',
        line: 'seatrial sign trust/root.yaml --key k-root-1.key k-root-2.key',
      },
      { goal: 'Check the result', line: 'seatrial validate fleets --require-signatures' },
    ],
    exitCodes: { 0: 'the envelope is written', 2: 'nothing is changed' },
  })
    .argument('<file>', 'a YAML file with exactly one Release, Approval or TrustRoot')
    .requiredOption(
      '--key <file...>',
      'private keys, each named as in the TrustRoot: k-vendor-1.key signs as k-vendor-1',
    )
    .option('--replace', 'drop signatures over an earlier content of the document')
    .addOption(formatOption())
    .action(async (file: string, options: SignOptions) => {
      const { runSign } = await import('../signing/run-sign.ts');
      runSign(cli, file, options);
    });
