// How a board comes back to its broker: which address, which version, after which pause.

import { describe, expect, test } from 'vitest';
import { backoffMs } from '../../src/domain/backoff.ts';
import { FIRST_ATTEMPT, nextAttempt, STABLE_MS } from '../../src/domain/connection.ts';

const LIMITS = { firstMs: 1_000, longestMs: 60_000 };
const more = (roll = 1) => ({ urls: 2, limits: LIMITS, roll });
const unreachable = { reached: false, accepted: false, lastedMs: 5 };
const hungUp = { reached: true, accepted: false, lastedMs: 5 };
const kicked = { reached: true, accepted: true, lastedMs: 500 };
const stable = { reached: true, accepted: true, lastedMs: STABLE_MS };

describe('when a connection ends', () => {
  test('then a broker that does not answer makes room for the next address, and the pause grows from the first failure on', () => {
    const first = nextAttempt(FIRST_ATTEMPT, unreachable, more());
    const second = nextAttempt(first.attempt, unreachable, more());
    expect([first.attempt.url, second.attempt.url]).toEqual([1, 0]);
    expect([first.pauseMs, second.pauseMs]).toEqual([1_000, 2_000]);
  });

  test('then one that hangs up is tried with 3.1.1 at once, and then with both in turn', () => {
    const first = nextAttempt(FIRST_ATTEMPT, hungUp, more());
    expect(first).toEqual({ attempt: { url: 0, version: 4, failuresInARow: 0 }, pauseMs: 0 });
    const second = nextAttempt(first.attempt, hungUp, more());
    expect(second.attempt).toMatchObject({ version: 5, failuresInARow: 1 });
    expect(second.pauseMs).toBeGreaterThan(0);
  });

  test('then a kick past CONNACK counts as a failure, however often it happens', () => {
    let attempt = FIRST_ATTEMPT;
    const pauses: number[] = [];
    for (let kicks = 0; kicks < 8; kicks += 1) {
      const next = nextAttempt(attempt, kicked, more());
      attempt = next.attempt;
      pauses.push(next.pauseMs);
    }
    expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
    expect(attempt).toMatchObject({ url: 0, version: 5 });
  });

  test('then one that held is forgiven, and its version and address are kept', () => {
    const next = nextAttempt({ url: 1, version: 4, failuresInARow: 7 }, stable, more());
    expect(next).toEqual({ attempt: { url: 1, version: 4, failuresInARow: 1 }, pauseMs: 1_000 });
  });
});

describe('when a pause is rolled', () => {
  test('then it lies between a tenth and all of its ceiling', () => {
    expect(backoffMs(3, LIMITS, 0)).toBe(400);
    expect(backoffMs(3, LIMITS, 0.999)).toBeLessThanOrEqual(4_000);
    expect(backoffMs(1_000, LIMITS, 1)).toBe(60_000);
    expect(backoffMs(0, LIMITS, 1)).toBe(1_000);
  });
});
