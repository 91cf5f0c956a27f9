// The order of a cohort, the size of a stage, the budget and the jitter.

import { createHash } from 'node:crypto';
import { millis, parseSha256 } from '@seatrial/spec';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cohortOrder, failuresAllowed, jitterOf, stageSize } from '../../src/domain/cohort.ts';
import { deviceId, need } from '../support/told-board.ts';

const ids = Array.from({ length: 500 }, (_, index) => deviceId(`hub-${index}`));
const inOrder = (salt: string, of = ids) => Array.from(cohortOrder(salt, of), place => of[place]);

describe('when boards are put in order', () => {
  test('then it is the order of sha256(salt + id)', () => {
    const digest = (id: string) => createHash('sha256').update(`salt${id}`).digest('hex');
    expect(inOrder('salt')).toEqual(ids.toSorted((a, b) => (digest(a) < digest(b) ? -1 : 1)));
  });

  test('then neither the order of files nor other boards change who comes before whom', () => {
    const order = inOrder('salt');
    expect(inOrder('salt', ids.toReversed())).toEqual(order);
    const half = ids.filter((_id, index) => index % 2 === 0);
    expect(inOrder('salt', half)).toEqual(order.filter(id => half.includes(need(id))));
  });

  test('then another salt begins with other boards', () => {
    expect(inOrder('salt').slice(0, 5)).not.toEqual(inOrder('pepper').slice(0, 5));
  });
});

describe('when a stage is sized', () => {
  test.each([
    [{ percent: 1 }, 1000, 10],
    [{ percent: 1 }, 40, 1],
    [{ percent: 0 }, 40, 1],
    [{ percent: 50 }, 3, 2],
    [{ percent: 7 }, 100, 7],
    [{ percent: 100 }, 7, 7],
    [{ count: 3 }, 8, 3],
    [{ count: 30 }, 8, 8],
    [{ percent: 10 }, 0, 0],
  ])('with %o of %i, then it lets in %i', (limit, cohort, size) => {
    expect(stageSize(limit, cohort)).toBe(size);
  });

  test('then it never shrinks when the cohort or the share grows', () => {
    fc.assert(
      fc.property(
        fc.nat({ max: 100 }),
        fc.nat({ max: 100 }),
        fc.nat({ max: 100_000 }),
        fc.nat({ max: 1_000 }),
        (a, b, n, more) => {
          const [small, large] = [Math.min(a, b), Math.max(a, b)];
          expect(stageSize({ percent: large }, n)).toBeGreaterThanOrEqual(stageSize({ percent: small }, n));
          expect(stageSize({ percent: a }, n + more)).toBeGreaterThanOrEqual(stageSize({ percent: a }, n));
        },
      ),
    );
  });
});

describe('when a budget is counted', () => {
  test.each([
    [{ percent: 1 }, 1000, 10],
    [{ percent: 1 }, 99, 0],
    [{ percent: 7 }, 100, 7],
    [{ count: 0 }, 100, 0],
    [{ count: 3 }, 100, 3],
  ])('with %o of %i, then %i may fail', (budget, cohort, allowed) => {
    expect(failuresAllowed(budget, cohort)).toBe(allowed);
  });
});

describe('when a board asks for its share of the jitter', () => {
  test('then it is the same each time, inside the time, and spread over it', () => {
    const payload = need(parseSha256('a'.repeat(64)));
    const shares = ids.map(id => jitterOf(id, payload, millis(1_000)));
    expect(shares).toEqual(ids.map(id => jitterOf(id, payload, millis(1_000))));
    expect(shares.every(share => share >= 0 && share < 1_000)).toBe(true);
    const quarters = [0, 250, 500, 750].map(from => shares.filter(share => share >= from && share < from + 250).length);
    expect(Math.min(...quarters)).toBeGreaterThan(80);
    expect(jitterOf(deviceId('hub-1'), payload, millis(0))).toBe(0);
  });
});
