// Asks why a board is not up to date.

import type { Cli } from '../cli.ts';
import type { WhyOptions } from '../commands/why.ts';
import type { ExitCode } from '../exit-code.ts';
import { printJson } from '../output/format.ts';
import { answer, askController } from './ask.ts';
import { renderWhy } from './why-text.ts';

export async function runWhy(cli: Cli, device: string, options: WhyOptions): Promise<ExitCode> {
  const why = await answer(askController(cli, options).why(device));
  if (options.output === 'json') printJson(cli, why);
  else cli.out.write(renderWhy(cli.out, why, cli.clock.now()));
  return why.standing === 'upToDate' ? 0 : 1;
}
