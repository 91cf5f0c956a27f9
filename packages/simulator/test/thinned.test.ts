// Thinning of samples: fewer of them, and nothing that a picture would show is lost.

import { NO_BOARDS, type Tally } from '@seatrial/controller/parts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { thinned } from '../src/rehearsal/thinned.ts';

const standings = (updating: number): Tally => ({ ...NO_BOARDS, updating, queued: 100 - updating });

const samplesOf = (steps: readonly (readonly [number, number])[]) => {
  let atMs = 0;
  return steps.map(([pauseMs, updating]) => {
    atMs += pauseMs;
    return { atMs, standings: standings(updating) };
  });
};

test('when samples are thinned, then the first, the last and the peak stay, in order, and no more than two a column', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 0, max: 100 })), { minLength: 1 }),
      fc.integer({ min: 1, max: 20 }),
      (steps, columns) => {
        const samples = samplesOf(steps);
        const untilMs = samples.at(-1)?.atMs ?? 0;
        const kept = thinned(samples, { fromMs: 0, untilMs, columns });
        expect(kept[0]).toBe(samples[0]);
        expect(kept.at(-1)).toBe(samples.at(-1));
        expect(kept.map(({ atMs }) => atMs)).toEqual(kept.map(({ atMs }) => atMs).toSorted((a, b) => a - b));
        expect(kept.length).toBeLessThanOrEqual(2 * (columns + 1) + 1);
        const peakOf = (all: typeof samples) => Math.max(...all.map(one => one.standings.updating));
        expect(peakOf([...kept])).toBe(peakOf(samples));
      },
    ),
  );
});
