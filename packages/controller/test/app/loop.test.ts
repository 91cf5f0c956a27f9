// What follows from how a loop's work went, by the class of its error.

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type LoopOutcome, startLoop } from '../../src/app/loop.ts';
import { sendWindowed } from '../../src/app/windowed.ts';
import { backoffMs } from '../../src/domain/backoff.ts';
import { CONTROLLER_ERRORS, type ControllerErrorCode, PortError } from '../../src/errors.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const WAITING_MS = 30_000;

type Ending = LoopOutcome | ControllerErrorCode | Error;

/** A loop whose work goes as the list says, and how often it has run. */
function aLoop(...outcomes: readonly Ending[]) {
  const seen = { runs: 0, problems: [] as (string | undefined)[] };
  const loop = startLoop({
    name: 'test',
    waitingMs: WAITING_MS,
    onProblem: (_loop, problem) => seen.problems.push(problem?.code),
    work: async () => {
      const outcome = outcomes[Math.min(seen.runs, outcomes.length - 1)] ?? { kind: 'done' };
      seen.runs += 1;
      if (typeof outcome === 'string') throw new PortError(outcome, 'outside');
      if (outcome instanceof Error) throw outcome;
      return outcome;
    },
  });
  return { loop, seen };
}

const runsAfter = async (ms: number, ...outcomes: readonly Ending[]): Promise<number> => {
  const { loop, seen } = aLoop(...outcomes);
  loop.wake();
  await vi.advanceTimersByTimeAsync(ms);
  await loop.stop();
  return seen.runs;
};

const codesOf = (errorClass: string): readonly ControllerErrorCode[] =>
  (Object.keys(CONTROLLER_ERRORS) as ControllerErrorCode[]).filter(
    code => CONTROLLER_ERRORS[code].class === errorClass,
  );

describe('when the work of a loop ends', () => {
  test('and it is done, then it rests until it is woken', async () => {
    expect(await runsAfter(1_000_000, { kind: 'done' })).toBe(1);
  });

  test('and it wants to look again, then it does after that time', async () => {
    expect(await runsAfter(999, { kind: 'again', afterMs: 100 })).toBe(10);
  });

  test.each(codesOf('transient'))('with %s, then it is tried again soon and for ever', async code => {
    expect(await runsAfter(600_000, code)).toBeGreaterThan(5);
  });

  test.each(codesOf('waiting'))('with %s, then it is looked at again at the usual pace', async code => {
    expect(await runsAfter(WAITING_MS * 3 + 1, code)).toBe(4);
  });

  test.each(codesOf('terminal'))('with %s, then it is not tried again', async code => {
    expect(await runsAfter(10_000_000, code)).toBe(1);
  });

  test('with a defect, then it is tried again and the problem is told', async () => {
    const { loop, seen } = aLoop(new Error('broken promise'), { kind: 'done' });
    loop.wake();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(seen).toEqual({ runs: 2, problems: ['defect', undefined] });
    await loop.stop();
  });

  test('and it is woken while it works, then it looks once more', async () => {
    const { loop, seen } = aLoop({ kind: 'done' });
    loop.wake();
    loop.wake();
    loop.wake();
    await vi.advanceTimersByTimeAsync(0);
    expect(seen.runs).toBe(2);
    await loop.stop();
  });

  test('and it is stopped, then nothing is begun any more', async () => {
    const { loop, seen } = aLoop({ kind: 'again', afterMs: 10 });
    loop.wake();
    await vi.advanceTimersByTimeAsync(25);
    await loop.stop();
    const { runs } = seen;
    loop.wake();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(seen.runs).toBe(runs);
  });
});

describe('when somebody must wait before trying again', () => {
  test('then the time doubles up to the longest, and chance takes any part of it', () => {
    const backoff = { firstMs: 100, longestMs: 1_000 };
    expect([1, 2, 3, 4, 50].map(failures => backoffMs(backoff, failures, 1))).toEqual([200, 400, 800, 1_000, 1_000]);
    expect(backoffMs(backoff, 9, 0)).toBe(0);
    expect(backoffMs(backoff, 9, 0.5)).toBe(500);
  });
});

describe('when many things are sent with a window', () => {
  test('then never more are under way, and all arrive', async () => {
    vi.useRealTimers();
    let underWay = 0;
    let most = 0;
    const items = Array.from({ length: 1_000 }, (_, index) => index);
    const send = async () => {
      underWay += 1;
      most = Math.max(most, underWay);
      await new Promise(resolve => setImmediate(resolve));
      underWay -= 1;
    };
    const { done, failure } = await sendWindowed({ items, send, window: 16 });
    expect([done.length, most, failure]).toEqual([1_000, 16, undefined]);
  });

  test('and one fails, then nothing more is begun and what arrived is known', async () => {
    vi.useRealTimers();
    const send = async (item: number) => {
      if (item === 3) throw new Error('lost');
    };
    const { done, failure } = await sendWindowed({ items: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], send, window: 2 });
    expect(done.length).toBeLessThan(6);
    expect(done).toEqual(expect.arrayContaining([0, 1, 2]));
    expect(failure).toMatchObject({ message: 'lost' });
  });
});
