// Prints what happened, and follows what happens: a lost connection is taken up again after the last event that was seen.

import { setTimeout as pause } from 'node:timers/promises';
import type { ControllerClient, EventView } from '@seatrial/controller';
import type { Millis } from '@seatrial/spec';
import type { Cli } from '../cli.ts';
import type { EventsOptions } from '../commands/events.ts';
import { definedOnly } from '../output/defined-only.ts';
import { formatMoment } from '../output/moment.ts';
import { paint } from '../output/paint.ts';
import { printable } from '../output/printable.ts';
import { answer, askController } from './ask.ts';

export async function runEvents(cli: Cli, options: EventsOptions): Promise<void> {
  const client = askController(cli, options);
  const { limit, fleet, device } = options;
  const events = await answer(client.events({ limit, ...definedOnly({ fleet, device }) }));
  for (const event of events) print(cli, options, event);
  if (options.follow === true) await follow(cli, client, { ...options, after: events.at(-1)?.seq ?? 0 });
}

const RECONNECT_MS = 1_000;

/** Until the user asks to end. */
async function follow(
  cli: Cli,
  client: ControllerClient,
  options: EventsOptions & { readonly after: number },
): Promise<void> {
  let after = options.after;
  while (!cli.stop.aborted) {
    try {
      for await (const event of client.follow({ after, signal: cli.stop })) {
        after = event.seq;
        if (isMeant(event, options)) print(cli, options, event);
      }
    } catch (error) {
      if (cli.stop.aborted) return;
      cli.err.write(`${paint(cli.err, 'quiet', `connection lost (${String(error)}), trying again`)}\n`);
    }
    await pause(RECONNECT_MS, undefined, { signal: cli.stop }).catch(() => undefined);
  }
}

const isMeant = (event: EventView, { fleet, device }: EventsOptions): boolean =>
  (fleet === undefined || event.fleet === fleet) && (device === undefined || event.device === device);

/** One line each, so that a script can read them as they come. */
function print({ out }: Cli, { output }: EventsOptions, event: EventView): void {
  out.write(output === 'json' ? `${JSON.stringify(event)}\n` : `${eventLine(out, event)}\n`);
}

function eventLine(out: Cli['out'], { atMs, kind, message, fleet, device, by }: EventView): string {
  const where = [fleet, device].filter(part => part !== undefined).join(' ');
  const who = by === undefined ? '' : ` (${printable(by)})`;
  const moment = paint(out, 'quiet', formatMoment(atMs as Millis)); // the API's moment
  return `${moment}  ${kind}${where === '' ? '' : ` ${printable(where)}`}: ${printable(message)}${who}`;
}
