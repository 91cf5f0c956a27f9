// Reads the fleet repository and the snapshot, previews, and prints.

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type FleetPreview, isAtRest, parseSnapshot, previewFleet, type Snapshot } from '@seatrial/controller/review';
import type { DesiredState } from '@seatrial/spec';
import type { Cli } from '../cli.ts';
import type { PlanOptions } from '../commands/plan.ts';
import { CliError } from '../errors.ts';
import type { ExitCode } from '../exit-code.ts';
import { printJson } from '../output/format.ts';
import { renderValidation } from '../validate/render-validation.ts';
import { validateWithProgress } from '../validate/validate-with-progress.ts';
import { previewJson } from './preview-json.ts';
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

function readSnapshot({ cwd }: Cli, file: string): Snapshot {
  let text: string;
  try {
    text = readFileSync(file === '-' ? process.stdin.fd : resolve(cwd, file), 'utf8');
  } catch (cause) {
    throw new CliError('observed-unreadable', `${file} can not be read`, { cause });
  }
  const parsed = parseSnapshot(text);
  if (!parsed.ok) throw new CliError('observed-malformed', `${file}: ${parsed.error.join('; ')}`);
  return parsed.value;
}

/** Issues go to standard error: standard output is for the plan. */
async function readDesired(cli: Cli, directory: string): Promise<DesiredState> {
  const validation = await validateWithProgress(cli, directory);
  if (validation.desired !== undefined) return validation.desired;
  cli.err.write(renderValidation(cli.err, validation));
  throw new CliError('desired-state-invalid', `${directory} has errors`);
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
