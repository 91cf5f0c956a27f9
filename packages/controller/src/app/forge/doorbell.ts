// Webhooks: each rings once. What it says is never believed; it only makes loops look sooner than they would.

import type { Desk } from '../desk.ts';
import { Exclusive } from '../exclusive.ts';

/** A webhook whose signature is good. */
export interface Ring {
  /** GitHub's name of the event: `push`, `pull_request`, … */
  readonly event: string;
  /** Of the delivery; not covered by the signature. */
  readonly delivery: string;
  /** Of the body: a replay under another delivery has the same. */
  readonly digest: string;
}

export type Rung = 'woken' | 'replayed';

export class Doorbell {
  readonly #desk: Desk;
  readonly #wake: (event: string) => void;
  readonly #exclusive = new Exclusive();

  constructor(desk: Desk, wake: (event: string) => void) {
    this.#desk = desk;
    this.#wake = wake;
  }

  /** Remembered before anybody is woken, so that no restart lets it ring again. */
  ring = ({ event, delivery, digest }: Ring): Promise<Rung> =>
    this.#exclusive.run(async () => {
      const deliveries = [`delivery ${delivery}`, `body ${digest}`];
      const known = await this.#desk.store.knownDeliveries(deliveries);
      if (known.size > 0) return 'replayed';
      await this.#desk.note({ deliveries });
      this.#wake(event);
      return 'woken';
    });
}
