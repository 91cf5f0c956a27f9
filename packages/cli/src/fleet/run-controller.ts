// Runs the controller until the user asks it to end.

import { once } from 'node:events';
import { resolve } from 'node:path';
import { runController as start } from '@seatrial/controller';
import type { Cli } from '../cli.ts';
import { orControllerFailure } from '../controller-failure.ts';

/** Fails with the controller's own codes for what makes a start impossible. */
export async function runController(cli: Cli, config: string): Promise<void> {
  const file = resolve(cli.cwd, config);
  const controller = await orControllerFailure(start(file, { log: line => cli.err.write(`${line}\n`) }));
  cli.err.write(`controller: API at ${controller.url}, boards connect to ${controller.brokerUrl}\n`);
  if (!cli.stop.aborted) await once(cli.stop, 'abort');
  cli.err.write('controller: ends in good order\n');
  await controller.stop();
}
