// Asks whether the running system is healthy, again and again until it is or until the deadline.
//
// A system that has just booted is allowed to be slow; one that is not healthy at the deadline is not healthy. Cut
// anywhere: nothing was changed, and no verdict is given; the next look asks anew.

import type { HealthResult } from '@seatrial/capsule-plan';
import type { HealthCheck } from '@seatrial/spec';
import { PortError } from '../errors.ts';
import type { Executor, StepContext } from './executor.ts';

export const checkHealth: Executor<'check-health'> = async ({ checks, deadlineMs }, context) => {
  const { timer } = context.ports;
  const until = timer.monotonic() + deadlineMs;
  while (true) {
    const health = await askAll(checks, context);
    if (context.signal.aborted) throw new PortError('interrupted', 'health checks');
    const healthy = health.filter(result => result.healthy).length;
    context.onProgress({ done: healthy, total: checks.length, unit: 'checks' });
    const leftMs = until - timer.monotonic();
    if (healthy === checks.length || leftMs <= 0) return { health };
    await timer.sleep(Math.min(leftMs, context.healthRetryMs), context.signal);
  }
};

/** All at once; each is ended at its own time limit. */
const askAll = (checks: readonly HealthCheck[], { ports, signal }: StepContext): Promise<readonly HealthResult[]> =>
  Promise.all(checks.map(check => ports.health.run(check, signal)));
