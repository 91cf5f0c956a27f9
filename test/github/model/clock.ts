// GitHub's clock: the machine's, unless a test moves it ahead or holds it.

export class Clock {
  #read: () => number;
  #aheadMs = 0;

  constructor(read: () => number = Date.now) {
    this.#read = read;
  }

  nowMs(): number {
    return this.#read() + this.#aheadMs;
  }

  /** Hours pass for GitHub; the client's clock does not know of them. */
  advance(ms: number): void {
    this.#aheadMs += ms;
  }
}

/** As GitHub writes times: whole seconds, UTC. */
export const isoTime = (atMs: number): string => `${new Date(atMs).toISOString().slice(0, 19)}Z`;
