// Ends a download when the board has moved to a network that the fleet does not allow.

import { mayDownload, type PlanTarget, type Step } from '@seatrial/capsule-plan';
import { isBackground } from '../domain/background.ts';
import type { Ports } from '../ports/ports.ts';

export interface WatchOptions {
  readonly ports: Pick<Ports, 'facts' | 'timer'>;
  readonly target: PlanTarget;
  /** How often to look at the network. */
  readonly pollMs: number;
  readonly signal: AbortSignal;
}

/** Acts with a signal that also aborts when the network is not allowed any more; only downloads are watched. */
export async function whileAllowed<T>(
  { kind }: Step,
  { ports, target, pollMs, signal }: WatchOptions,
  act: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  if (!isBackground(kind) || target.policy.download.networks === 'any') return act(signal);
  const [forbidden, over] = [new AbortController(), new AbortController()];
  void watch();
  try {
    return await act(AbortSignal.any([signal, forbidden.signal]));
  } finally {
    over.abort();
  }

  async function watch(): Promise<void> {
    while (!over.signal.aborted) {
      await ports.timer.sleep(pollMs, over.signal);
      const facts = await ports.facts.gates().catch(() => undefined);
      if (facts !== undefined && !mayDownload(target.policy, facts)) return forbidden.abort();
    }
  }
}
