// A clock that a test turns: who sleeps on it wakes when the test has let enough time pass.

import { type Millis, millis } from '@seatrial/spec';
import type { Timer } from '../../src/ports/timer.ts';
import { NOON } from './values.ts';

export class ManualTimer implements Timer {
  #elapsedMs = 0;
  readonly #sleepers = new Set<{ readonly untilMs: number; readonly wake: () => void }>();

  now(): Millis {
    return millis(NOON + this.#elapsedMs);
  }
  monotonic(): Millis {
    return millis(this.#elapsedMs);
  }
  roll(): number {
    return 1;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise(resolve => {
      const sleeper = {
        untilMs: this.#elapsedMs + ms,
        wake: () => {
          this.#sleepers.delete(sleeper);
          resolve();
        },
      };
      if (signal?.aborted === true || ms <= 0) return resolve();
      this.#sleepers.add(sleeper);
      signal?.addEventListener('abort', sleeper.wake, { once: true });
    });
  }

  /** Lets time pass and wakes who is due. */
  pass(ms: number): void {
    this.#elapsedMs += ms;
    for (const { untilMs, wake } of [...this.#sleepers]) if (untilMs <= this.#elapsedMs) wake();
  }
}
