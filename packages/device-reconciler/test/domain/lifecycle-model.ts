// The lifecycle machine a second time, as one would write it on a sheet of paper: plain variables, one `if` after the other.
// It shares no line with the machine that it is compared with.

import type { Phase } from '@seatrial/capsule-plan';
import type { LifecycleEffect, LifecycleEvent, Pauses } from '../../src/domain/lifecycle.ts';

export interface PaperMachine {
  readonly phase: Phase;
  readonly activity: 'resting' | 'working' | 'rebooting';
  readonly again: boolean;
  readonly wakeAtMs: number | undefined;
  readonly tellAtMs: number;
  readonly failuresInARow: number;
  readonly passesInARow: number;
}

export const newPaperMachine = ({ heartbeatMs }: Pauses): PaperMachine => ({
  phase: 'idle',
  activity: 'resting',
  again: false,
  wakeAtMs: undefined,
  tellAtMs: heartbeatMs,
  failuresInARow: 0,
  passesInARow: 0,
});

/** From and to, of the changes of phase that surprise nobody; the picture in docs/lifecycle.md, read off by hand. */
const EXPECTED = `
  idle>fetching idle>waiting idle>installing idle>trial idle>converged
  fetching>waiting fetching>installing fetching>converged
  waiting>fetching waiting>installing waiting>trial waiting>goingBack waiting>converged waiting>failed
  installing>fetching installing>waiting installing>trial installing>goingBack installing>converged installing>failed
  trial>waiting trial>installing trial>goingBack trial>converged trial>failed
  goingBack>waiting goingBack>fetching goingBack>installing goingBack>failed goingBack>converged
  converged>fetching converged>waiting converged>installing converged>trial converged>failed
  failed>fetching failed>waiting failed>installing failed>trial failed>converged
`.split(/\s+/);

export interface PaperStep {
  readonly next: PaperMachine;
  /** Sorted. */
  readonly effects: readonly LifecycleEffect[];
}

export function paperStep(before: PaperMachine, event: LifecycleEvent, pauses: Pauses): PaperStep {
  const m = { ...before };
  const effects: LifecycleEffect[] = [];
  const { type, nowMs } = event;
  const isDue = m.wakeAtMs !== undefined && nowMs >= m.wakeAtMs;

  const begin = (passesInARow: number): void => {
    Object.assign(m, { activity: 'working', passesInARow, failuresInARow: 0, again: false });
    effects.push('runPass');
  };
  const rest = (pauseMs: number | undefined, failuresInARow = 0): void => {
    const wakeAtMs = pauseMs === undefined ? undefined : nowMs + pauseMs;
    Object.assign(m, { activity: 'resting', wakeAtMs, failuresInARow, passesInARow: 0, again: false });
  };

  if (type.startsWith('looked.')) {
    const to = type.slice('looked.'.length) as Phase; // what follows the dot is one
    if (to !== m.phase && !EXPECTED.includes(`${m.phase}>${to}`)) effects.push('reportUnexpected');
    m.phase = to;
    effects.push('tellNews');
  } else if (type === 'planRefused') {
    effects.push('tellNews');
  } else if (type === 'linkUp') {
    effects.push('tellAgain');
  } else if (type === 'tick') {
    if (m.activity !== 'working' && isDue) {
      m.activity = 'working';
      effects.push('runPass');
    }
    if (nowMs >= m.tellAtMs) {
      m.tellAtMs = nowMs + pauses.heartbeatMs;
      effects.push('tellAgain');
    }
  } else if (type === 'started') {
    if (m.activity === 'resting') begin(1);
    else effects.push('reportUnexpected');
  } else if (type === 'planAccepted') {
    if (m.activity === 'resting') begin(1);
    if (before.activity === 'working') {
      m.again = true;
      effects.push('interruptBackground');
    }
  } else {
    effects.push('tellNews');
    if (m.activity !== 'working') effects.push('reportUnexpected');
    else if (type === 'pass.rebooting') {
      rest(pauses.rebootGraceMs);
      m.activity = 'rebooting';
    } else if (event.type === 'pass.requeue' && (m.again || (event.afterMs === 0 && m.passesInARow < 100))) {
      begin(m.passesInARow + 1);
    } else if (m.again) begin(1);
    else if (event.type === 'pass.requeue') rest(event.afterMs === 0 ? pauses.pollMs : event.afterMs);
    else if (event.type === 'pass.done') rest(pauses.heartbeatMs);
    else if (event.type === 'pass.terminal') rest(undefined);
    else if (event.type === 'pass.retry') {
      let ceiling = pauses.retryFirstMs;
      for (let failure = 0; failure < m.failuresInARow; failure += 1)
        ceiling = Math.min(2 * ceiling, pauses.retryLongestMs);
      const pause = Math.round(ceiling * (0.1 + 0.9 * event.roll));
      rest(event.patient && pause < pauses.pollMs ? pauses.pollMs : pause, m.failuresInARow + 1);
    }
  }
  return { next: m, effects: effects.toSorted() };
}
