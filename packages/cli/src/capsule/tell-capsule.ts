// What a command says about the capsule that it has written.

import type { Cli } from '../cli.ts';
import { type Format, printJson } from '../output/format.ts';
import { printable } from '../output/printable.ts';
import type { FinishedCapsule } from './finish-capsule.ts';

export interface ToldCapsule extends FinishedCapsule {
  readonly file: string;
  /** Dotted, where all of the capsule has one. */
  readonly version?: string;
}

export function tellCapsule(cli: Cli, output: Format, { file, sizeBytes, signed, version }: ToldCapsule): void {
  if (output === 'json') printJson(cli, { file, sizeBytes, signed, version });
  else cli.out.write(`${printable(file)}: ${sizeBytes} bytes, ${signed ? 'signed' : 'NOT SIGNED'}\n`);
}
