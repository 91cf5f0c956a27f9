// `seatrial rollout`: orders about a rollout that is under way; each is recorded on the audit branch with who and why.

import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { houseCommand, type Lesson } from '../house-command.ts';
import { type Format, formatOption } from '../output/format.ts';
import { type ServerOptions, withServerOptions } from '../settings/server-options.ts';

export type OrderName = 'pause' | 'resume' | 'promote' | 'retry';

export interface RolloutOptions extends ServerOptions {
  readonly reason: string;
  readonly by?: string;
  readonly output: Format;
}

const ENDS = { 0: 'the order was taken', 2: 'it was refused, or the controller could not be asked' } as const;

const ORDERS: Readonly<Record<OrderName, Pick<Lesson, 'summary' | 'description' | 'examples'>>> = {
  pause: {
    summary: 'let no further board in',
    description: 'Boards that are under way go on; no other is let in until the rollout is resumed.',
    examples: [{ goal: 'Stop and think', line: 'seatrial rollout pause field --reason "reports of slow boots"' }],
  },
  resume: {
    summary: 'go on after a pause',
    description: 'What has failed until now is accepted; the failure budget counts anew from here.',
    examples: [{ goal: 'Go on', line: 'seatrial rollout resume field --reason "slow boots were the network"' }],
  },
  promote: {
    summary: 'let the stage pass as it is',
    description:
      'Enters the next stage whatever soak and success threshold say. Approvals are still needed, windows and gates still hold.',
    examples: [{ goal: 'Do not wait for the soak', line: 'seatrial rollout promote lab --reason "urgent fix"' }],
  },
  retry: {
    summary: 'let boards that failed try again',
    description:
      'A board never repeats a failed attempt by itself; this asks all boards of the fleet that failed to try once more.',
    examples: [
      { goal: 'After the cause is gone', line: 'seatrial rollout retry lab --reason "artefact server was down"' },
    ],
  },
};

export const rolloutCommand = (cli: Cli): Command => {
  const command = houseCommand('rollout', {
    summary: 'pause, resume, promote or retry a rollout',
    description:
      'Orders to the controller about the rollout of a fleet. They need its token, and stand on the audit branch with who and why.',
    examples: [{ goal: 'See which rollouts there are', line: 'seatrial get rollouts' }],
    exitCodes: ENDS,
  });
  for (const name of Object.keys(ORDERS) as OrderName[]) command.addCommand(orderCommand(cli, name)); // the keys of ORDERS
  return command;
};

const orderCommand = (cli: Cli, name: OrderName): Command =>
  withServerOptions(houseCommand(name, { ...ORDERS[name], exitCodes: ENDS }))
    .argument('<fleet>', 'the fleet whose rollout it is')
    .requiredOption('--reason <text>', 'why; stands on the audit branch')
    .option('--by <who>', 'who gives the order; git’s user.email where it is not given')
    .addOption(formatOption())
    .action(async (fleet: string, options: RolloutOptions) => {
      const { runOrder } = await import('../fleet/run-order.ts');
      await runOrder(cli, { name, fleet }, options);
    });
