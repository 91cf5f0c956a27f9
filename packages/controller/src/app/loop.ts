// A loop that looks when it is woken and when its time comes. Its work says how it went; what follows from that is decided
// here and nowhere else.

import { backoffMs } from '../domain/backoff.ts';
import { type ControllerErrorCode, errorRow, PortError } from '../errors.ts';

/** `done`: until woken. `again`: look again after that time, or when woken. `failed`: by the class of its error. */
export type LoopOutcome =
  | { readonly kind: 'done' }
  | { readonly kind: 'again'; readonly afterMs: number }
  | { readonly kind: 'failed'; readonly problem: Problem };

export interface Problem {
  readonly code: ControllerErrorCode | 'defect';
  readonly element: string;
  readonly message: string;
}

export interface LoopSpec {
  readonly name: string;
  readonly work: () => Promise<LoopOutcome>;
  /** How long a loop that somebody must help waits before it looks again. */
  readonly waitingMs: number;
  readonly onProblem: (loop: string, problem: Problem | undefined) => void;
}

export interface Loop {
  /** Looks as soon as it can; once more if it is just looking. */
  wake(): void;
  /** Resolves when the work in progress has ended; nothing is begun after it. */
  stop(): Promise<void>;
}

const RETRY = { firstMs: 250, longestMs: 60_000 };

export function startLoop({ name, work, waitingMs, onProblem }: LoopSpec): Loop {
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  let woken = false;
  let stopped = false;
  let failures = 0;

  const wake = (): void => {
    if (stopped) return;
    clearTimeout(timer);
    if (running === undefined) running = run();
    else woken = true;
  };

  const run = async (): Promise<void> => {
    const outcome = await workOrProblem(work);
    running = undefined;
    failures = outcome.kind === 'failed' ? failures + 1 : 0;
    onProblem(name, outcome.kind === 'failed' ? outcome.problem : undefined);
    const waitMs = pauseAfter(outcome, { failures, waitingMs });
    if (stopped || waitMs === undefined) return;
    if (woken && outcome.kind !== 'failed') {
      woken = false;
      wake();
    } else if (waitMs !== Number.POSITIVE_INFINITY) timer = setTimeout(wake, waitMs);
  };

  return {
    wake,
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}

/** Undefined ends the loop. */
function pauseAfter(
  outcome: LoopOutcome,
  { failures, waitingMs }: { failures: number; waitingMs: number },
): number | undefined {
  if (outcome.kind === 'done') return Number.POSITIVE_INFINITY;
  if (outcome.kind === 'again') return outcome.afterMs;
  const { code } = outcome.problem;
  if (code === 'defect') return backoffMs(RETRY, failures, 1);
  const pauses = {
    transient: backoffMs(RETRY, failures, Math.random()),
    waiting: waitingMs,
    refused: waitingMs,
    terminal: undefined,
  } as const;
  return pauses[errorRow(code).class];
}

/** The edge at which what adapters throw becomes a value. A defect ends the attempt, never the controller. */
async function workOrProblem(work: () => Promise<LoopOutcome>): Promise<LoopOutcome> {
  try {
    return await work();
  } catch (error) {
    return { kind: 'failed', problem: problemOf(error) };
  }
}

export function problemOf(error: unknown): Problem {
  if (error instanceof PortError) return { code: error.code, element: error.element, message: error.message };
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { code: 'defect', element: 'controller', message };
}
