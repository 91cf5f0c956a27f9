// What the agent's command line can be asked for, whoever reads the line: the bundle on a board, or `seatrial agent`.

import { readFile } from 'node:fs/promises';
import { describeStep } from '@seatrial/capsule-plan';
import { renderIssue } from '@seatrial/spec';
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

export const DEFAULT_CONFIG = '/etc/seatrial/agent.yaml';
export const OUTPUTS = ['text', 'json'] as const;

export interface AgentOptions {
  readonly config: string;
  readonly output: (typeof OUTPUTS)[number];
  /** Of `once`: a plan in its signed envelope, in place of the one that the board has. */
  readonly plan?: string | undefined;
}

/** Failures come out as PortError, with code and remedy. */
type Action = (options: AgentOptions, surroundings: AgentSurroundings) => Promise<void>;

/** The daemon, until it is told to stop. */
export const runAgent: Action = async ({ config }, surroundings) =>
  agentDaemon(await configured(config, surroundings), surroundings.stop);

export const SUBCOMMANDS = {
  once: {
    description: 'take one step towards the plan, then end',
    action: async ({ config, output, plan }, surroundings) => {
      const message = plan === undefined ? undefined : await readPlan(plan);
      const signal = surroundings.stop;
      const result = await agentOnce(await configured(config, surroundings), { message, signal });
      if (result.kind === 'refused') throw new PortError(`plan-${result.why}`, plan ?? 'the plan');
      surroundings.out.write(output === 'json' ? json(summaryOf(result)) : onceText(result));
      surroundings.finish(result.result.kind === 'done' && result.standing.phase === 'converged' ? 0 : 1);
    },
  },
  status: {
    description: 'what the board runs, wants and remembers',
    action: async ({ config, output }, surroundings) => {
      const status = await agentStatus(await configured(config, surroundings));
      surroundings.out.write(output === 'json' ? json(status) : statusText(status));
      surroundings.finish(status.inference?.kind === 'converged' ? 0 : 1);
    },
  },
  why: {
    description: 'what keeps the board from its plan',
    action: async ({ config, output }, surroundings) => {
      const explanation = await agentWhy(await configured(config, surroundings));
      surroundings.out.write(output === 'json' ? json(explanation) : explanationText(explanation));
      surroundings.finish(explanation.status.inference?.kind === 'converged' ? 0 : 1);
    },
  },
} as const satisfies Record<string, { readonly description: string; readonly action: Action }>;

export type SubcommandName = keyof typeof SUBCOMMANDS;

/** The configuration, or its issues on standard error and then `config-invalid`. */
async function configured(file: string, { err }: AgentSurroundings): Promise<AgentConfig> {
  const { text, parsed } = await readAgentConfig(file);
  if (parsed.ok) return parsed.value;
  for (const issue of parsed.error) err.write(`${renderIssue(issue, text)}\n`);
  throw new PortError('config-invalid', file);
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
