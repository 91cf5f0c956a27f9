// Runs the controller until the user asks it to end.

import { once } from 'node:events';
import { resolve } from 'node:path';
import { errorRow, PortError, type RunningController, runController as start } from '@seatrial/controller';
import type { Cli } from '../cli.ts';
import { ForeignError } from '../errors.ts';

/** Fails with the controller's own codes for what makes a start impossible. */
export async function runController(cli: Cli, config: string): Promise<void> {
  const controller = await started(cli, resolve(cli.cwd, config));
  cli.err.write(`controller: API at ${controller.url}, boards connect to ${controller.brokerUrl}\n`);
  if (!cli.stop.aborted) await once(cli.stop, 'abort');
  cli.err.write('controller: ends in good order\n');
  await controller.stop();
}

async function started(cli: Cli, config: string): Promise<RunningController> {
  try {
    return await start(config, { log: line => cli.err.write(`${line}\n`) });
  } catch (error) {
    if (!(error instanceof PortError)) throw error;
    const { code, message } = error;
    throw new ForeignError({ code, message, remedy: errorRow(code).remedy });
  }
}
