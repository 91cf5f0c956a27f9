// `seatrial agent`: the board-resident reconciler. What each word does is the agent's own; here is how it is asked and explained.

import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { houseCommand } from '../house-command.ts';
import { type Format, formatOption } from '../output/format.ts';

interface AgentOptions {
  readonly config: string;
  readonly output?: Format;
  readonly plan?: string;
}

const CONVERGED = { 0: 'the board runs what is wanted', 1: 'it does not, or not yet', 2: 'could not be done' } as const;

export const agentCommand = (cli: Cli): Command =>
  houseCommand('agent', {
    summary: 'run the reconciler of this board',
    description:
      'Waits for signed plans, brings the board to them step by step, proves the result and reports it. On a board it is started by ' +
      'systemd (seatrial-agent.service), from a bundle of its own.',
    examples: [
      {
        goal: 'In the foreground, with what it does on standard error',
        line: 'seatrial agent --config /etc/seatrial/agent.yaml',
      },
      { goal: 'Why is this board not up to date? (run it on the board)', line: 'seatrial agent why' },
    ],
    exitCodes: { 0: 'it was asked to end', 2: 'it could not start, or met a defect' },
  })
    .option('--config <file>', 'the configuration of the agent, YAML or JSON', '/etc/seatrial/agent.yaml')
    .action((options: AgentOptions) => ask(cli, [], options))
    .addCommand(onceCommand(cli))
    .addCommand(statusCommand(cli))
    .addCommand(whyCommand(cli));

const onceCommand = (cli: Cli): Command =>
  houseCommand('once', {
    summary: 'take one step towards the plan, then end',
    description:
      'One pass: look, decide, do one step, look again. For engineers who bring up a board, and for boards that are woken by a timer.',
    examples: [
      { goal: 'Take the next step', line: 'seatrial agent once' },
      { goal: 'Towards a plan from a file, without a broker', line: 'seatrial agent once --plan plan.dsse.json' },
    ],
    exitCodes: CONVERGED,
  })
    .addOption(formatOption())
    .option('--plan <file>', 'a plan in its signed envelope, in place of the one that the board has')
    .action((_options, command: Command) => ask(cli, ['once'], command.optsWithGlobals()));

const statusCommand = (cli: Cli): Command =>
  houseCommand('status', {
    summary: 'what the board runs, wants and remembers',
    description: 'Looks at the board afresh, and changes nothing.',
    examples: [{ goal: 'What runs, and what is on trial?', line: 'seatrial agent status' }],
    exitCodes: CONVERGED,
  })
    .addOption(formatOption())
    .action((_options, command: Command) => ask(cli, ['status'], command.optsWithGlobals()));

const whyCommand = (cli: Cli): Command =>
  houseCommand('why', {
    summary: 'what keeps the board from its plan',
    description: 'Names the window, gate, floor, full disk or failure that holds the board, and what to do about it.',
    examples: [{ goal: 'For a script', line: 'seatrial agent why -o json' }],
    exitCodes: CONVERGED,
  })
    .addOption(formatOption())
    .action((_options, command: Command) => ask(cli, ['why'], command.optsWithGlobals()));

/** Hands the words over to the agent's own command, which is loaded only now. */
async function ask(cli: Cli, words: readonly string[], { config, output, plan }: AgentOptions): Promise<void> {
  const { agentCommand: agent } = await import('@seatrial/device-reconciler');
  const asked = [
    ...words,
    ...['--config', config],
    ...(output === undefined ? [] : ['--output', output]),
    ...(plan === undefined ? [] : ['--plan', plan]),
  ];
  await agent(cli).exitOverride().parseAsync(asked, { from: 'user' });
}
