// The whole command as one tree. Every subcommand loads its work only when it is called, so that help and completion are quick.

import { Command } from 'commander';
import type { Cli } from './cli.ts';
import { agentCommand } from './commands/agent.ts';
import { blameCommand } from './commands/blame.ts';
import { capsuleCommand } from './commands/capsule.ts';
import { completeCommand, completionCommand } from './commands/completion.ts';
import { controllerCommand } from './commands/controller.ts';
import { demoCommand } from './commands/demo.ts';
import { describeCommand } from './commands/describe.ts';
import { diffCommand } from './commands/diff.ts';
import { eventsCommand } from './commands/events.ts';
import { getCommand } from './commands/get.ts';
import { keygenCommand } from './commands/keygen.ts';
import { logCommand } from './commands/log.ts';
import { planCommand } from './commands/plan.ts';
import { rolloutCommand } from './commands/rollout.ts';
import { signCommand } from './commands/sign.ts';
import { simulateCommand } from './commands/simulate.ts';
import { snapshotCommand } from './commands/snapshot.ts';
import { statusCommand } from './commands/status.ts';
import { validateCommand } from './commands/validate.ts';
import { versionCommand } from './commands/version.ts';
import { whyCommand } from './commands/why.ts';
import { paint } from './output/paint.ts';
import { VERSION } from './version.ts';

/** Parsing throws CommanderError instead of ending the process. */
export function createProgram(cli: Cli): Command {
  const program = new Command('seatrial')
    .description('GitOps for the firmware and the operating system of embedded Linux fleets.')
    .usage('<command> [options]')
    .version(VERSION, '-V, --version', 'print the version')
    .option('--no-color', 'print without colours (also: NO_COLOR=1)')
    .helpOption('-h, --help', 'explain a command')
    .helpCommand(false)
    .addHelpText('after', FIRST_STEPS)
    .showSuggestionAfterError();
  program.commandsGroup('In a fleet repository:');
  for (const define of [
    validateCommand,
    planCommand,
    diffCommand,
    simulateCommand,
    logCommand,
    blameCommand,
    keygenCommand,
    signCommand,
  ]) {
    program.addCommand(define(cli));
  }
  program.commandsGroup('Of a running fleet:');
  for (const define of [
    statusCommand,
    getCommand,
    describeCommand,
    whyCommand,
    rolloutCommand,
    eventsCommand,
    snapshotCommand,
  ]) {
    program.addCommand(define(cli));
  }
  program.commandsGroup('For firmware:').addCommand(capsuleCommand(cli));
  program
    .commandsGroup('On this machine:')
    .addCommand(controllerCommand(cli))
    .addCommand(agentCommand(cli))
    .addCommand(demoCommand(cli));
  program.commandsGroup('This command:').addCommand(completionCommand(cli)).addCommand(versionCommand(cli));
  program.addHelpCommand(new Command('help').argument('[command]').description('explain a command'));
  program.addCommand(completeCommand(cli, program), { hidden: true });
  for (const command of withDescendants(program)) adopt(command, cli);
  return program;
}

/** A command and everything below it. */
export const withDescendants = (command: Command): Command[] => [command, ...command.commands.flatMap(withDescendants)];

/** Output and errors of every command go through our streams, in our colours. */
function adopt(command: Command, { out, err }: Cli): void {
  command
    .exitOverride()
    .configureOutput({
      writeOut: text => out.write(text),
      writeErr: text => err.write(text),
      outputError: () => undefined,
      getOutHelpWidth: () => Math.min(out.columns, 100),
      getErrHelpWidth: () => Math.min(err.columns, 100),
      getOutHasColors: () => out.colors,
      getErrHasColors: () => err.colors,
    })
    .configureHelp({
      showGlobalOptions: true,
      styleTitle: title => paint(out, 'strong', title),
      styleCommandText: text => paint(out, 'active', text),
      styleSubcommandText: text => paint(out, 'active', text),
      styleOptionText: text => paint(out, 'active', text),
    });
}

const FIRST_STEPS = `
First steps:
  seatrial validate fleets            check what git says
  seatrial demo                       see a fleet go through releases and failures
  seatrial why hub-01                 why is this board not up to date?

Exit codes: 0 done · 1 the answer is "no" or "something" · 2 could not be done, standard error says why.
seatrial <command> --help has examples for every command.`;
