// Prints what was decided: the newest first, as git does.

import { deviceOf, fleetOf, type RecordedDecision } from '@seatrial/controller/audit';
import { type Millis, millis, parseDuration } from '@seatrial/spec';
import type { Cli } from '../cli.ts';
import type { LogOptions } from '../commands/log.ts';
import { CliError } from '../errors.ts';
import type { ExitCode } from '../exit-code.ts';
import { printJson } from '../output/format.ts';
import { openTrail, readHistory } from './open-trail.ts';
import { renderDecision } from './render-decision.ts';

export async function runLog(cli: Cli, options: LogOptions): Promise<ExitCode> {
  const sinceMs = options.since === undefined ? undefined : parseSince(options.since, cli.clock.now());
  const { head, decisions } = await readHistory(await openTrail(cli, options), options);
  const found = decisions
    .filter(one => isMeant(one, options) && (sinceMs === undefined || one.atMs >= sinceMs))
    .toReversed()
    .slice(0, options.limit);
  if (options.output === 'json') printJson(cli, { head, decisions: found });
  else cli.out.write(found.map(one => renderDecision(cli.out, one)).join(''));
  return found.length === 0 ? 1 : 0;
}

/** `7d` before now, or `2026-11-21`, or a moment as ISO 8601 writes it. Fails with `usage`. */
function parseSince(text: string, nowMs: Millis): Millis {
  const duration = parseDuration(text);
  const since = duration === undefined ? Date.parse(text) : nowMs - duration;
  if (Number.isFinite(since)) return millis(since);
  throw new CliError('usage', `--since ${text} is neither a duration such as 7d nor a date such as 2026-11-21`);
}

const isMeant = ({ decision }: RecordedDecision, { fleet, device }: LogOptions): boolean =>
  (fleet === undefined || fleetOf(decision) === fleet) && (device === undefined || deviceOf(decision) === device);
