// A process that can be killed: from then on nothing that it asked for is answered, so that it stands still for ever.

/** A promise of its own each time: one for all would remember everybody who ever waited for it. */
const never = (): Promise<never> => new Promise<never>(() => {});

export class Process {
  isDead = false;

  kill(): void {
    this.isDead = true;
  }

  /** The same port, whose promises stay open once the process is dead. Calls that answer at once are passed on. */
  port<T extends object>(port: T): T {
    const known = new Map<PropertyKey, unknown>();
    return new Proxy(port, {
      get: (target, name) => {
        const before = known.get(name);
        if (before !== undefined) return before;
        const member: unknown = Reflect.get(target, name, target);
        if (typeof member !== 'function') return member;
        const guarded = this.#guarded(member.bind(target));
        known.set(name, guarded);
        return guarded;
      },
    });
  }

  #guarded(call: (...args: readonly unknown[]) => unknown) {
    return (...args: readonly unknown[]): unknown => {
      if (this.isDead) return never();
      const answer = call(...args);
      return answer instanceof Promise ? this.#whileAlive(answer) : answer;
    };
  }

  #whileAlive<T>(answer: Promise<T>): Promise<T> {
    return answer.then(
      value => (this.isDead ? never() : value),
      (error: unknown) => {
        if (this.isDead) return never();
        throw error;
      },
    );
  }
}

/** The same port with some of its calls answered otherwise. */
export const instead = <T extends object>(port: T, calls: Partial<T>): T =>
  new Proxy(port, {
    get: (target, name) => {
      const member: unknown = Reflect.get(name in calls ? calls : target, name, name in calls ? calls : target);
      return typeof member === 'function' ? member.bind(name in calls ? calls : target) : member;
    },
  });
