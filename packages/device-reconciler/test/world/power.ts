// Power that can fail at any point that a fake passes: before an act, in the midst of it, or after it.

/** Not an error that anything may handle: the process is gone. */
export class PowerCut extends Error {
  override readonly name = 'PowerCut';
}

export class Power {
  /** Every point that was passed, in order. */
  readonly passed: string[] = [];
  private readonly cuts = new Set<number>();
  private isOff = false;

  /** Fails at these points, counted from 0 over the whole life of the board. */
  failAt(...points: readonly number[]): void {
    for (const point of points) this.cuts.add(point);
  }

  /** Called by fakes. Once power has failed, whatever is still running meets the same end. */
  point(name: string): void {
    if (this.isOff) throw new PowerCut(name);
    const index = this.passed.push(name) - 1;
    if (!this.cuts.has(index)) return;
    this.isOff = true;
    throw new PowerCut(name);
  }

  restore(): void {
    this.isOff = false;
  }
}
