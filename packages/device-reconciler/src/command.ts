// `seatrial agent`: the daemon, a single pass, and the two questions that an engineer on the board asks.

import { readFile } from 'node:fs/promises';
import { describeStep } from '@seatrial/capsule-plan';
import { renderIssue } from '@seatrial/spec';
import { Command, Option } from 'commander';
import type { OnceResult } from './app/once.ts';
import type { AgentConfig } from './domain/config.ts';
import { PortError } from './errors.ts';
import { agentDaemon, agentOnce, agentStatus, agentWhy, readAgentConfig } from './main.ts';
import { explanationText, statusText } from './status-text.ts';

/** What the command may touch of the outside. */
export interface AgentSurroundings {
  readonly out: { write(text: string): void };
  readonly err: { write(text: string): void };
  /** Aborted when the agent is to stop. */
  readonly stop: AbortSignal;
  /** 0: done, converged. 1: done, and the board is not converged. 2: could not be done. */
  finish(code: 0 | 1 | 2): void;
}

interface CommonOptions {
  readonly config: string;
  readonly output: 'text' | 'json';
}

const DEFAULT_CONFIG = '/etc/seatrial/agent.yaml';

/** Failures come out as PortError, with code and remedy. */
export function agentCommand(surroundings: AgentSurroundings): Command {
  const agent = new Command('agent')
    .description('run the board-resident reconciler')
    .option('--config <file>', 'the configuration, YAML or JSON', DEFAULT_CONFIG)
    .action(async ({ config }: CommonOptions) => {
      await agentDaemon(await configured(config, surroundings), surroundings.stop);
    });
  const subcommand = (name: string, description: string) =>
    agent
      .command(name)
      .description(description)
      .addOption(new Option('-o, --output <format>', 'how to print').choices(['text', 'json']).default('text'));

  subcommand('once', 'take one step towards the plan, then end')
    .option('--plan <file>', 'a plan in its signed envelope, in place of the one that the board has')
    .action((options: CommonOptions & { readonly plan?: string }, command: Command) =>
      once({ ...options, ...globals(command) }, surroundings),
    );
  subcommand('status', 'what the board runs, wants and remembers').action(async (options, command: Command) => {
    const status = await agentStatus(await configured(globals(command).config, surroundings));
    surroundings.out.write(options.output === 'json' ? json(status) : statusText(status));
    surroundings.finish(status.inference?.kind === 'converged' ? 0 : 1);
  });
  subcommand('why', 'what keeps the board from its plan').action(async (options, command: Command) => {
    const explanation = await agentWhy(await configured(globals(command).config, surroundings));
    surroundings.out.write(options.output === 'json' ? json(explanation) : explanationText(explanation));
    surroundings.finish(explanation.status.inference?.kind === 'converged' ? 0 : 1);
  });
  return agent;
}

const globals = (command: Command): CommonOptions => command.optsWithGlobals();

async function configured(file: string, { err }: AgentSurroundings): Promise<AgentConfig> {
  const { text, parsed } = await readAgentConfig(file);
  if (parsed.ok) return parsed.value;
  for (const issue of parsed.error) err.write(`${renderIssue(issue, text)}\n`);
  throw new PortError('config-invalid', file);
}

async function once(
  { config, output, plan }: CommonOptions & { readonly plan?: string },
  surroundings: AgentSurroundings,
): Promise<void> {
  const { out, stop } = surroundings;
  const message = plan === undefined ? undefined : await readPlan(plan);
  const result = await agentOnce(await configured(config, surroundings), { message, signal: stop });
  if (result.kind === 'refused') throw new PortError(`plan-${result.why}`, plan ?? 'the plan');
  out.write(output === 'json' ? json(summaryOf(result)) : onceText(result));
  surroundings.finish(result.result.kind === 'done' && result.standing.phase === 'converged' ? 0 : 1);
}

const readPlan = (file: string): Promise<Uint8Array> =>
  readFile(file).catch((error: unknown) => {
    throw new PortError('plan-unreadable', file, { cause: error });
  });

type Passed = Extract<OnceResult, { kind: 'passed' }>;

const summaryOf = ({ result, standing, taken }: Passed) => ({
  result: 'error' in result ? { kind: result.kind, code: result.error.code, message: result.error.message } : result,
  phase: standing.phase,
  conditions: standing.conditions,
  ...(taken === undefined ? {} : { taken }),
});

function onceText({ result, standing, taken }: Passed): string {
  if ('error' in result) return `${result.error.code}: ${result.error.message}\n  ${result.error.remedy}\n`;
  if (taken !== undefined) return `${describeStep(taken)}\n`;
  return `${standing.step === undefined ? standing.phase : describeStep(standing.step)}\n`;
}

const json = (value: unknown): string =>
  `${JSON.stringify(value, (_key, member: unknown) => (typeof member === 'bigint' ? `0x${member.toString(16)}` : member), 2)}\n`;
