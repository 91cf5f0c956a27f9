// Saves what every board reports.

import type { Cli } from '../cli.ts';
import type { ServerOptions } from '../settings/server-options.ts';
import { answer, askController } from './ask.ts';

/** One board in a line: a snapshot of a large fleet stays readable, and its changes are seen in a diff. */
export async function runSnapshot(cli: Cli, options: ServerOptions): Promise<void> {
  const { devices, ...header } = await answer(askController(cli, options).snapshot());
  cli.out.write(`${JSON.stringify(header).slice(0, -1)},"devices":[`);
  for (const [at, device] of devices.entries()) cli.out.write(`${at === 0 ? '' : ','}\n${JSON.stringify(device)}`);
  cli.out.write('\n]}\n');
}
