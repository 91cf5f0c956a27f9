// How systemd starts the agent on a board: Node's flags and the environment, read from the unit that is shipped.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HOUSE } from '../house.ts';

export interface AgentLaunch {
  /** Before the bundle on Node's command line. */
  readonly flags: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

const UNIT = join(HOUSE, 'packages/device-reconciler/packaging/seatrial-agent.service');

/** Nothing is set: what somebody gets who starts the bundle by hand. */
export const PLAIN_LAUNCH: AgentLaunch = { flags: [], environment: {} };

export const unitLaunch = (): AgentLaunch => launchOf(readFileSync(UNIT, 'utf8'));

/** Of the text of a unit whose ExecStart is `NODE [FLAG …] BUNDLE …`. */
export const launchOf = (unit: string): AgentLaunch => ({
  flags: /^ExecStart=\S+node((?: --\S+)*) /m.exec(unit)?.[1]?.split(' ').filter(Boolean) ?? [],
  environment: Object.fromEntries(
    [...unit.matchAll(/^Environment=([^=\s]+)=(\S*)$/gm)].map(([, name = '', value = '']) => [name, value]),
  ),
});
