// One pass, whatever the board has been given: towards its plan, or without one just a look. Never throws.

import type { Plan } from '@seatrial/capsule-plan';
import type { AgentConfig } from '../domain/config.ts';
import type { PassNews, PassResult } from '../domain/pass-result.ts';
import { passFailed } from '../domain/pass-result.ts';
import { PortError } from '../errors.ts';
import type { Ports } from '../ports/ports.ts';
import { loadJournal } from './journal-record.ts';
import { observe, scopeOfHints } from './observe.ts';
import { isExpired } from './plan-intake.ts';
import { type Look, reconcileOnce } from './reconcile-once.ts';

export interface OnePassOptions {
  readonly ports: Ports;
  readonly config: AgentConfig;
  readonly plan: Plan | undefined;
  readonly signal: AbortSignal;
  /** Without an inference where there is no plan to infer from. */
  readonly onLook: (look: Look | Omit<Look, 'inference'>) => void;
  readonly onNews: (news: PassNews) => void;
}

export async function onePass(options: OnePassOptions): Promise<PassResult> {
  const { plan, ports, config } = options;
  const { poll, healthRetry } = config.intervals;
  try {
    if (plan === undefined) return await lookOnly(options);
    const expired = isExpired(plan, ports.timer.now());
    return await reconcileOnce({ ...options, target: plan, expired, pollMs: poll, healthRetryMs: healthRetry });
  } catch (error) {
    return passFailed(asPortError(error));
  }
}

async function lookOnly({ ports, config, onLook }: OnePassOptions): Promise<PassResult> {
  onLook({ observed: await observe(ports, scopeOfHints(config.board)), journal: await loadJournal(ports) });
  return { kind: 'done' };
}

/** What nobody foresaw ends the attempt, never the daemon. A system call that failed is no defect: it may do tomorrow. */
function asPortError(error: unknown): PortError {
  if (error instanceof PortError) return error;
  const detail = error instanceof Error ? error.message : String(error);
  const isSystemCall = error instanceof Error && 'syscall' in error;
  return new PortError(isSystemCall ? 'store-io' : 'defect', 'the agent', { detail, cause: error });
}
