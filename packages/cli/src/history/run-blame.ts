// Gathers what git says about one board and where each word of it comes from.

import { type Blame, blame, type FleetAtCommit } from '@seatrial/controller/audit';
import { parseDeviceId } from '@seatrial/spec';
import type { Cli } from '../cli.ts';
import type { BlameOptions } from '../commands/blame.ts';
import { CliError } from '../errors.ts';
import type { ExitCode } from '../exit-code.ts';
import { printJson } from '../output/format.ts';
import { findSources, type Sources } from './blame-sources.ts';
import { openTrail } from './open-trail.ts';
import { renderBlame } from './render-blame.ts';

export async function runBlame(cli: Cli, name: string, options: BlameOptions): Promise<ExitCode> {
  const trail = await openTrail(cli, options);
  const fleet = await trail.fleet();
  const history = await trail.history({ acceptRewritten: options.acceptRewritten === true });
  const { desired } = fleet;
  if (desired === undefined) throw new CliError('desired-state-invalid', `commit ${fleet.commit} has errors`);
  const device = parseDeviceId(name);
  const found = device === undefined ? undefined : blame(device, desired, history);
  if (found === undefined) throw new CliError('name-unknown', `git has no device ${name}`);
  const sources = await findSources(trail, fleet, found);
  if (options.output === 'json') printJson(cli, blameJson(fleet, found, sources));
  else cli.out.write(renderBlame(cli.out, found, sources));
  return found.target === undefined ? 1 : 0;
}

/** The members that scripts may rely on. */
function blameJson({ commit }: FleetAtCommit, { device, target, rollout, turn, decisions }: Blame, sources: Sources) {
  const { fleet, release, pinned, payloadHash } = target ?? {};
  return {
    commit,
    device,
    target: target === undefined ? undefined : { fleet, release, pinned, payloadHash },
    ...sources,
    rollout:
      rollout === undefined ? undefined : { id: rollout.id, gitCommit: rollout.gitCommit, outcome: rollout.outcome },
    turn,
    decisions,
  };
}
