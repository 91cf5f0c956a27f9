// What keeps a board from being disturbed, and from downloading: windows, gates, networks, its turn.

import { closedGates, mayDownload } from './gates.ts';
import type { Observed } from './observed.ts';
import type { PlanTarget } from './plan.ts';
import type { RebootPurpose, Step, StepOf } from './step.ts';
import { windowState } from './window.ts';

export const wait = (reason: StepOf<'wait'>['reason'], message: string): StepOf<'wait'> => ({
  kind: 'wait',
  reason,
  message,
});

/** The window, then the gates. Undefined when the board may be disturbed now. */
export function disruptionHold({ clock, facts }: Observed, { policy }: PlanTarget): StepOf<'wait'> | undefined {
  const window = windowState(policy.windows, clock);
  if (window.kind === 'clock-not-set') return wait('clock-not-set', 'the clock is not set: windows can not be judged');
  if (window.kind === 'closed') {
    const closed = wait('window-closed', 'no maintenance window is open');
    return window.opensAtMs === undefined ? closed : { ...closed, untilMs: window.opensAtMs };
  }
  const [gate] = closedGates(policy.gates, facts);
  return gate === undefined ? undefined : wait(`gate-${gate.gate}`, gate.message);
}

/** The network, then this board's turn. Undefined when it may download now. */
export function downloadHold(
  { clock, facts }: Observed,
  { policy, downloadNotBeforeMs }: PlanTarget,
): StepOf<'wait'> | undefined {
  if (!mayDownload(policy, facts)) {
    return wait(
      'download-network',
      `downloads are allowed over ${String(policy.download.networks)}, the network is ${facts.network ?? 'not known'}`,
    );
  }
  if (downloadNotBeforeMs === undefined || clock.nowMs >= downloadNotBeforeMs) return undefined;
  return { ...wait('download-jitter', "waits for this board's turn to download"), untilMs: downloadNotBeforeMs };
}

/** No reboot of ours outside the window or with a gate closed, not even a reboot that goes back. */
export const rebootWhenAllowed = (observed: Observed, target: PlanTarget, purpose: RebootPurpose): Step =>
  disruptionHold(observed, target) ?? { kind: 'reboot', purpose };
