// Reads the fleet repository and the snapshot, previews, and prints.

import { type FleetPreview, isAtRest, previewFleet } from '@seatrial/controller/review';
import type { DesiredState } from '@seatrial/spec';
import type { Cli } from '../cli.ts';
import type { PlanOptions } from '../commands/plan.ts';
import { CliError } from '../errors.ts';
import type { ExitCode } from '../exit-code.ts';
import { printJson } from '../output/format.ts';
import { previewJson } from './preview-json.ts';
import { readDesired, readSnapshot } from './read-input.ts';
import { renderPreview } from './render-preview.ts';

export async function runPlan(cli: Cli, directory: string, options: PlanOptions): Promise<ExitCode> {
  const snapshot = readSnapshot(cli, options.observed);
  const desired = await readDesired(cli, directory);
  const preview = previewFleet(desired, snapshot, {
    devices: options.device === undefined ? undefined : new Set(options.device),
    fleets: options.fleet === undefined ? undefined : new Set(options.fleet),
  });
  refuseStrangers(options, desired, preview);
  if (options.output === 'json') printJson(cli, previewJson(desired, preview));
  else cli.out.write(renderPreview(cli.out, preview));
  return isAtRest(preview.boards) ? 0 : 1;
}

/** A misspelt name must not read as "nothing to do". */
function refuseStrangers({ device = [], fleet = [] }: PlanOptions, desired: DesiredState, preview: FleetPreview): void {
  const known = new Set<string>([...preview.boards.map(board => board.device), ...preview.unobserved]);
  const listed = new Set<string>(desired.devices.map(({ id }) => id));
  const stranger = device.find(id => !known.has(id) && !listed.has(id));
  if (stranger !== undefined)
    throw new CliError('name-unknown', `neither git nor the snapshot has a device ${stranger}`);
  const strange = fleet.find(name => !desired.fleets.some(one => one.name === name));
  if (strange !== undefined) throw new CliError('name-unknown', `git has no fleet ${strange}`);
}
