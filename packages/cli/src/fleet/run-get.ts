// Asks for a list and prints it.

import type { ControllerClient, DeviceSummary } from '@seatrial/controller';
import type { Cli } from '../cli.ts';
import type { GetOptions, ListKind } from '../commands/get.ts';
import { CliError } from '../errors.ts';
import { definedOnly } from '../output/defined-only.ts';
import { printJson } from '../output/format.ts';
import { startProgress } from '../output/progress.ts';
import { renderTable } from '../output/table.ts';
import { answer, askController } from './ask.ts';
import { type Columns, columnsFor, DEVICE_COLUMNS, FLEET_COLUMNS, RELEASE_COLUMNS, ROLLOUT_COLUMNS } from './tables.ts';

export async function runGet(cli: Cli, kind: ListKind, options: GetOptions): Promise<void> {
  refuseStrayFilters(kind, options);
  const client = askController(cli, options);
  const print = <T>(columns: Columns<T>, rows: readonly T[]): void => {
    if (options.output === 'json') printJson(cli, { [kind]: rows });
    else cli.out.write(renderTable(cli.out, columnsFor(columns, options.output === 'wide'), rows));
  };
  switch (kind) {
    case 'fleets':
      return print(FLEET_COLUMNS, await answer(client.fleets()));
    case 'devices':
      return print(DEVICE_COLUMNS, await allDevices(cli, client, options));
    case 'rollouts':
      return print(ROLLOUT_COLUMNS, await answer(client.rollouts()));
    case 'releases':
      return print(RELEASE_COLUMNS, await answer(client.releases()));
  }
}

/** A filter that were ignored would make a list look longer than what was asked for. */
function refuseStrayFilters(kind: ListKind, { fleet, release, standing }: GetOptions): void {
  if (kind === 'devices' || (fleet ?? release ?? standing) === undefined) return;
  throw new CliError('usage', `--fleet, --release and --standing choose among devices, not ${kind}`);
}

const PAGE = 1_000;

async function allDevices(cli: Cli, client: ControllerClient, options: GetOptions): Promise<readonly DeviceSummary[]> {
  const { fleet, release, standing } = options;
  const filter = { limit: PAGE, ...definedOnly({ fleet, release, standing }) };
  let page = await answer(client.devices(filter));
  const devices = [...page.devices];
  const progress = startProgress(cli, 'devices', page.total);
  progress.advance(page.devices.length);
  while (page.next !== undefined) {
    page = await answer(client.devices({ ...filter, after: page.next }));
    for (const device of page.devices) devices.push(device);
    progress.advance(page.devices.length);
  }
  progress.end();
  return devices;
}
