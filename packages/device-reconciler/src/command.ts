// `seatrial agent` for the one command over everything: the daemon, a single pass, and the two questions that an
// engineer on the board asks.

import { Command, Option } from 'commander';
import {
  type AgentOptions,
  type AgentSurroundings,
  DEFAULT_CONFIG,
  OUTPUTS,
  runAgent,
  SUBCOMMANDS,
} from './agent-actions.ts';

/** Failures come out as PortError, with code and remedy. */
export function agentCommand(surroundings: AgentSurroundings): Command {
  const agent = new Command('agent')
    .description('run the board-resident reconciler')
    .option('--config <file>', 'the configuration, YAML or JSON', DEFAULT_CONFIG)
    .action((options: AgentOptions) => runAgent(options, surroundings));
  for (const [name, { description, action }] of Object.entries(SUBCOMMANDS)) {
    const command = agent
      .command(name)
      .description(description)
      .addOption(new Option('-o, --output <format>', 'how to print').choices(OUTPUTS).default('text'))
      .action((_options, self: Command) => action(self.optsWithGlobals(), surroundings));
    if (name === 'once') command.option('--plan <file>', 'a signed plan, in place of the one that the board has');
  }
  return agent;
}
