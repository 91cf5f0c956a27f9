// Time that only moves when everything that was to happen has happened. While it is installed, the timers and the chance
// of the whole process are in its hands, so that the product's own loops run in it unchanged.

import { type Millis, millis } from '@seatrial/spec';
import type { Chance } from './chance.ts';

export interface Alarm {
  cancel(): void;
}

class Scheduled implements Alarm {
  readonly atMs: number;
  readonly order: number;
  /** Undefined once it was cancelled: what it would have done is let go of at once. */
  run: (() => void) | undefined;

  constructor(atMs: number, order: number, run: () => void) {
    this.atMs = atMs;
    this.order = order;
    this.run = run;
  }

  cancel(): void {
    this.run = undefined;
  }
}

/**
 * Every promise that can go on has gone on when this resolves: nothing in a simulation waits for the real world, and Node
 * begins its queue of ticks anew only when that of promises is empty. A turn of the event loop would cost a system call.
 */
const settled = (): Promise<void> => new Promise(resolve => process.nextTick(resolve));

const realImmediate = globalThis.setImmediate;
/** The event loop's turn: so often the rest of the process is let in, such as whoever wants to end it. */
const EVENTS_PER_TURN = 4_096;
const turned = (): Promise<void> => new Promise(resolve => realImmediate(resolve));

export class VirtualTime {
  #nowMs: number;
  #order = 0;
  readonly #startMs: number;
  readonly #heap: Scheduled[] = [];
  /** How many events have been run. */
  events = 0;

  constructor(startMs: number) {
    this.#nowMs = startMs;
    this.#startMs = startMs;
  }

  now(): Millis {
    return millis(this.#nowMs);
  }

  /** Since the start. */
  elapsedMs(): Millis {
    return millis(this.#nowMs - this.#startMs);
  }

  after(delayMs: number, run: () => void): Alarm {
    const scheduled = new Scheduled(this.#nowMs + Math.max(0, delayMs), this.#order++, run);
    push(this.#heap, scheduled);
    return scheduled;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise(resolve => {
      const alarm = this.after(ms, resolve);
      signal?.addEventListener(
        'abort',
        () => {
          alarm.cancel();
          resolve();
        },
        { once: true },
      );
    });
  }

  /** Runs what is due until then, one event after the other; `afterEach` sees the world at rest after each. */
  async runUntil(untilMs: number, afterEach: () => void): Promise<void> {
    await settled();
    for (let next = pop(this.#heap, untilMs); next !== undefined; next = pop(this.#heap, untilMs)) {
      if (next.run === undefined) continue;
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      this.events += 1;
      next.run();
      await settled();
      if (this.events % EVENTS_PER_TURN === 0) await turned();
      afterEach();
    }
    this.#nowMs = Math.max(this.#nowMs, untilMs);
  }

  /** Takes over the timers of the process; returns how to give them back. */
  install(chance: Chance): () => void {
    const { setTimeout, clearTimeout, setImmediate } = globalThis;
    const { random } = Math;
    const ours = {
      setTimeout: (run: () => void, ms = 0) => this.after(ms, run),
      clearTimeout: (alarm: Alarm | undefined) => alarm?.cancel(),
      setImmediate: (run: () => void) => this.after(0, run),
    };
    Object.assign(globalThis, ours);
    Math.random = () => chance.next();
    return () => {
      Object.assign(globalThis, { setTimeout, clearTimeout, setImmediate });
      Math.random = random;
    };
  }
}

const isBefore = (a: Scheduled, b: Scheduled): boolean => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);

function push(heap: Scheduled[], added: Scheduled): void {
  let at = heap.push(added) - 1;
  while (at > 0) {
    const above = (at - 1) >> 1;
    const parent = heap[above];
    if (parent === undefined || !isBefore(added, parent)) break;
    heap[at] = parent;
    at = above;
  }
  heap[at] = added;
}

/** The earliest that is due by then. */
function pop(heap: Scheduled[], untilMs: number): Scheduled | undefined {
  const [first] = heap;
  if (first === undefined || first.atMs > untilMs) return undefined;
  const last = heap.pop();
  if (last !== undefined && heap.length > 0) sink(heap, last);
  return first;
}

function sink(heap: Scheduled[], moved: Scheduled): void {
  let at = 0;
  for (;;) {
    const [left, right] = [heap[2 * at + 1], heap[2 * at + 2]];
    if (left === undefined) break;
    const [child, below] = right !== undefined && isBefore(right, left) ? [right, 2 * at + 2] : [left, 2 * at + 1];
    if (!isBefore(child, moved)) break;
    heap[at] = child;
    at = below;
  }
  heap[at] = moved;
}
