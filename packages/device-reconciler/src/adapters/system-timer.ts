// The machine's clocks.
// Touches: nothing but time and chance.

import { setTimeout as sleep } from 'node:timers/promises';
import { millis } from '@seatrial/spec';
import type { Timer } from '../ports/timer.ts';

/** Node's timers hold no more than this, about 24 days. */
const LONGEST_MS = 2 ** 31 - 1;

export const systemTimer = (clockOffsetMs = 0): Timer => ({
  now: () => millis(Math.max(0, Date.now() + clockOffsetMs)),
  monotonic: () => millis(Math.round(performance.now())),
  sleep: async (ms, signal) => {
    await sleep(Math.min(LONGEST_MS, Math.max(0, ms)), undefined, signal === undefined ? {} : { signal }).catch(
      () => undefined,
    );
  },
  roll: () => Math.random(),
});
