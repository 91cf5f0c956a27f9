// One thing at a time: what GitHub does for a request is never interleaved with what it does for another.

export class Exclusive {
  #last: Promise<unknown> = Promise.resolve();

  run<T>(act: () => Promise<T>): Promise<T> {
    const result = this.#last.then(act);
    this.#last = result.catch(() => undefined);
    return result;
  }
}
