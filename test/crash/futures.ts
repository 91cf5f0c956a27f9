// What becomes of each disk that a cut may leave: worked out once, however many cuts leave the same.

import type { StateKind } from './disk-state.ts';

/** Settles with what was broken on the way, or with nothing. */
export type Fate = Promise<string | undefined>;

/** By the digest of the disk: after a cut with the power on or off, and after an orderly reboot on the way. */
export type Futures = Readonly<Record<StateKind | 'rebooted', Map<string, Fate>>>;

/** Another life, already begun, into which one has run: from there on both have the same fate. */
export interface Met {
  readonly fate: Fate;
}

/** A life from a given disk to its rest, unless it meets another one. */
export type Life = (fate: Fate) => Promise<Met | undefined>;

/** `live` is there where nobody has lived this future yet. */
export interface Future {
  readonly fate: Fate;
  readonly live?: (life: Life) => Promise<void>;
}

export function deferred<T>() {
  let [resolve, reject] = [(_value: T | PromiseLike<T>): void => {}, (_error: Error): void => {}];
  const promise = new Promise<T>((resolved, rejected) => {
    [resolve, reject] = [resolved, rejected];
  });
  return { promise, resolve, reject };
}

export function futureOf(known: Map<string, Fate>, key: string): Future {
  const before = known.get(key);
  if (before !== undefined) return { fate: before };
  const { promise: fate, resolve } = deferred<string | undefined>();
  known.set(key, fate);
  const live = async (life: Life): Promise<void> => {
    try {
      // The other's fate is not awaited here: it may be in another slot's hands.
      resolve((await life(fate))?.fate);
    } catch (error) {
      resolve(String(error));
    }
  };
  return { fate, live };
}
