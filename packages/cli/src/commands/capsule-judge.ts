// `seatrial capsule inspect` and `verify`.

import { type Command, InvalidArgumentError, Option } from 'commander';
import type { VerifyCommandOptions } from '../capsule/run-verify.ts';
import type { Cli } from '../cli.ts';
import { houseCommand } from '../house-command.ts';
import { type Format, formatOption } from '../output/format.ts';
import { repeatable, wholeNumber } from './capsule-options.ts';

export const inspect = (cli: Cli): Command =>
  houseCommand('inspect', {
    summary: 'take a capsule apart',
    description:
      'Prints every layer. Whoever signed it, nothing behind a signature that is wrong in itself is looked at.',
    examples: [
      {
        goal: 'Which partitions are written',
        line: "seatrial capsule inspect fw.cap -o json | jq '.capsule.payloads[].metadata'",
      },
    ],
    exitCodes: { 0: 'well formed', 1: 'malformed from some layer on', 2: 'could not be read' },
  })
    .argument('<file>', 'a capsule')
    .addOption(formatOption())
    .action(async (file: string, { output }: { readonly output: Format }) => {
      const { runInspect } = await import('../capsule/run-verify.ts');
      cli.finish(await runInspect(cli, file, output));
    });

export const verify = (cli: Cli): Command =>
  houseCommand('verify', {
    summary: 'judge a capsule as a board would',
    description: 'Checks layer by layer against the trust anchors and says which layer refuses, and why.',
    examples: [
      { goal: 'As edk2 accepts', line: 'seatrial capsule verify fw.cap --trust QcFMPRoot.pub.pem' },
      {
        goal: 'As a careful reader accepts',
        line: 'seatrial capsule verify fw.cap --trust QcFMPRoot.cer --policy strict',
      },
      {
        goal: 'On the board itself',
        line: 'seatrial capsule verify fw.cap --trust root.pem --esrt /sys/firmware/efi/esrt/entries/entry0',
      },
    ],
    exitCodes: { 0: 'accepted', 1: 'refused, with class and layer', 2: 'could not be judged' },
  })
    .argument('<file>', 'a capsule')
    .addOption(
      repeatable('--trust <file>', 'trust anchor: PEM, DER or device tree text (again for more)').makeOptionMandatory(),
    )
    .addOption(new Option('--policy <policy>', 'whose rules').choices(['edk2', 'strict']).default('edk2'))
    .option('--at <time>', 'when certificates must be valid, for strict; now unless given')
    .option('--target <name>', 'the payload must be for this target')
    .option('--guid <guid>', 'the payload must be for this firmware class')
    .option('--index <n>', 'the image index must be this', wholeNumber)
    .option('--esrt <directory>', 'an ESRT entry: may the capsule go to this board')
    .option('--allow-unsigned', 'accept payloads without a signature')
    .option('--allow-drivers', 'accept embedded drivers')
    .option('--opaque', 'payloads need not be firmware volumes')
    .addOption(formatOption())
    .action(async (file: string, options: VerifyCommandOptions) => {
      if (options.trust.length === 0) throw new InvalidArgumentError('give at least one --trust');
      const { runVerify } = await import('../capsule/run-verify.ts');
      cli.finish(await runVerify(cli, file, options));
    });
