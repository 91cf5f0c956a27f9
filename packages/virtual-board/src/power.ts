// The power of one stretch between switching on and losing it: everything that takes time on a board waits here.

import { setTimeout as sleep } from 'node:timers/promises';

export type PowerLoss = 'cut' | 'off';

/** What ends the board's life in the middle of whatever it did. */
export class PowerLost extends Error {
  override readonly name = 'PowerLost';
}

/** Waiting throws when power goes, so that no line of a board's life runs after its power. */
export class Power {
  readonly #controller = new AbortController();
  #loss: PowerLoss | undefined;
  /** Settles when power is lost. */
  readonly lost: Promise<void> = new Promise(resolve => {
    this.#controller.signal.addEventListener('abort', () => resolve(), { once: true });
  });

  get isOn(): boolean {
    return this.#loss === undefined;
  }

  /** How it was lost; undefined while it is on. */
  get loss(): PowerLoss | undefined {
    return this.#loss;
  }

  lose(loss: PowerLoss): void {
    if (!this.isOn) return;
    this.#loss = loss;
    this.#controller.abort();
  }

  require(): void {
    if (!this.isOn) throw new PowerLost();
  }

  async wait(ms: number): Promise<void> {
    this.require();
    if (ms > 0) await sleep(ms, undefined, { signal: this.#controller.signal });
  }
}
