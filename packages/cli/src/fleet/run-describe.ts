// Asks for one thing and prints everything about it.

import type { ControllerClient } from '@seatrial/controller';
import type { Cli } from '../cli.ts';
import type { DescribedKind, DescribeOptions } from '../commands/describe.ts';
import { CliError } from '../errors.ts';
import { renderFacts } from '../output/facts.ts';
import { printJson } from '../output/format.ts';
import { answer, askController } from './ask.ts';
import { type Description, describeDevice, describeFleet, describeRelease, describeRollout } from './describe.ts';
import { renderWhy } from './why-text.ts';

interface Subject {
  readonly kind: DescribedKind;
  readonly name: string;
}

export async function runDescribe(cli: Cli, subject: Subject, options: DescribeOptions): Promise<void> {
  const { view, description, epilogue = '' } = await look(cli, askController(cli, options), subject);
  if (options.output === 'json') printJson(cli, view);
  else cli.out.write(renderFacts(cli.out, description) + epilogue);
}

interface Look {
  readonly view: unknown;
  readonly description: Description;
  readonly epilogue?: string;
}

async function look(cli: Cli, client: ControllerClient, subject: Subject): Promise<Look> {
  const nowMs = cli.clock.now();
  const { kind, name } = subject;
  switch (kind) {
    case 'fleet': {
      const view = found(
        subject,
        (await answer(client.fleets())).find(fleet => fleet.name === name),
      );
      return { view, description: describeFleet(view, nowMs) };
    }
    case 'rollout': {
      const all = await answer(client.rollouts());
      const view = found(
        subject,
        all.find(({ fleet, id }) => fleet === name || id === name),
      );
      return { view, description: describeRollout(view, nowMs) };
    }
    case 'release': {
      const view = found(
        subject,
        (await answer(client.releases())).find(release => release.name === name),
      );
      return { view, description: describeRelease(view) };
    }
    case 'device': {
      const view = await answer(client.device(name));
      const why = await answer(client.why(name));
      const epilogue = why.holds.length === 0 ? '' : `\n${renderWhy(cli.out, why, nowMs)}`;
      return { view: { ...view, why }, description: describeDevice(view, nowMs), epilogue };
    }
  }
}

function found<T>({ kind, name }: Subject, view: T | undefined): T {
  if (view === undefined) throw new CliError('not-found', `there is no ${kind} ${name}`);
  return view;
}
