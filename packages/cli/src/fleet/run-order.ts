// Gives an order about a rollout, in the name of whoever types it.

import { spawnSync } from 'node:child_process';
import { hostname, userInfo } from 'node:os';
import type { Cli } from '../cli.ts';
import type { OrderName, RolloutOptions } from '../commands/rollout.ts';
import { renderFacts } from '../output/facts.ts';
import { printJson } from '../output/format.ts';
import { answer, askController } from './ask.ts';
import { describeRollout } from './describe.ts';

interface Order {
  readonly name: OrderName;
  readonly fleet: string;
}

export async function runOrder(cli: Cli, { name, fleet }: Order, options: RolloutOptions): Promise<void> {
  const { reason, by = whoAmI(cli), output } = options;
  const rollout = await answer(askController(cli, options).order(name, fleet, { by, reason }));
  if (output === 'json') printJson(cli, rollout);
  else cli.out.write(renderFacts(cli.out, describeRollout(rollout, cli.clock.now())));
}

/** As git would sign a commit, since the order stands beside commits on the audit branch. */
function whoAmI({ cwd, env }: Cli): string {
  const { stdout, status } = spawnSync('git', ['config', 'user.email'], { cwd, env, encoding: 'utf8' });
  const email = status === 0 ? stdout.trim() : '';
  return email === '' ? `${userInfo().username}@${hostname()}` : email;
}
