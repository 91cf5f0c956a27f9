// One thing at a time.
//
// INVARIANTS: work runs in the order in which it was handed over; work that throws ends only itself; work must not hand
// over further work and wait for it, which would wait for ever.

export class Exclusive {
  #last: Promise<unknown> = Promise.resolve();

  run<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => {});
    return result;
  }

  /** Resolves when everything that was handed over so far has ended. */
  async idle(): Promise<void> {
    await this.#last;
  }
}
