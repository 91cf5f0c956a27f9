// Whether a board would come up again is asked after every effect, and worked out only when something that a start reads
// has changed: that must come to the same, at every effect, as working it out each time.

import { expect, test } from 'vitest';
import type { SimBoard } from '../src/board.ts';
import { run } from '../src/run.ts';
import { scenarioOf } from '../src/scenario.ts';

test('when boards go through faults, then what is known to start is what would start', async () => {
  const watched = new Set<SimBoard>();
  const wrong: string[] = [];
  let effects = 0;
  const watch = (board: SimBoard): void => {
    watched.add(board);
    const { power } = board.hardware;
    const before = power.onEffect;
    power.onEffect = name => {
      before(name);
      effects += 1;
      const [still, now] = [board.hardware.wouldStartStill(), board.hardware.wouldStart()];
      if (still !== now) wrong.push(`${board.device} ${name}: ${still} instead of ${now}`);
    };
  };
  for (let seed = 1; seed <= 25; seed += 1) {
    await run(scenarioOf(seed, { mostHappenings: 24 }), {
      tampering: {
        agent: (ports, board) => {
          if (!watched.has(board)) watch(board);
          return ports;
        },
      },
    });
  }
  expect(wrong).toEqual([]);
  expect(effects).toBeGreaterThan(2_000);
});
