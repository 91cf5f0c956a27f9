// The way back when everything goes wrong at once: never a second pull request for one failure.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Rollout } from '../../../src/domain/rollout.ts';
import { revertBranch } from '../../../src/domain/way-back/revert-text.ts';
import { type House, stopped, wanted } from '../../support/house-of-rollouts.ts';

interface Scene {
  readonly house: House;
  readonly rollout: Rollout;
  readonly index: number;
}

type Move =
  | { readonly kind: 'look'; readonly call: number; readonly fault?: 'is lost' | 'is done unheard' }
  | {
      readonly kind:
        | 'restart'
        | 'lose the database'
        | 'a person closes'
        | 'a person pushes'
        | 'the branch moves'
        | 'it fails again';
    };

const move: fc.Arbitrary<Move> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('look' as const),
      call: fc.integer({ min: 1, max: 6 }),
      fault: fc.constantFrom('is lost' as const, 'is done unheard' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('look' as const), call: fc.constant(1) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        'restart',
        'lose the database',
        'a person closes',
        'a person pushes',
        'the branch moves',
        'it fails again',
      ),
    }),
  },
);

async function make(one: Move, { house, rollout, index }: Scene): Promise<void> {
  const { forge } = house;
  switch (one.kind) {
    case 'look':
      if (one.fault !== undefined) forge.fail(one.call, one.fault);
      await house.look().catch(() => {});
      // What threw may have left half of its work behind; a loop would look again with the same objects.
      return;
    case 'restart':
      return house.start();
    case 'lose the database':
      return house.loseStore();
    case 'a person closes':
      if (forge.pulls.length > 0) forge.close(1);
      return;
    case 'a person pushes':
      return forge.push(revertBranch(rollout));
    case 'the branch moves':
      house.commit({ release: 'r-2' }, new Map([['depot.yaml', `# ${index}\n`]]));
      return;
    case 'it fails again':
      return house.decide(wanted(rollout));
  }
}

/** It was opened, nobody heard of it, and a person closed it at once. */
const CLOSED_UNHEARD: [Move[]][] = [1, 2, 3, 4].map(call => [
  [{ kind: 'look', call, fault: 'is done unheard' }, { kind: 'a person closes' }, { kind: 'look', call }],
]);

describe('when answers are lost, the controller dies and people interfere, in any order', () => {
  test('then there is never a second pull request, and one in the end', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(move, { maxLength: 14 }), async moves => {
        const { house, rollout } = await stopped();
        for (const [index, one] of moves.entries()) {
          await make(one, { house, rollout, index });
          expect(house.forge.pulls.length).toBeLessThanOrEqual(1);
        }
        await house.start();
        for (let looks = 0; looks < 3; looks += 1) {
          house.forge.fail(0, 'is lost');
          await house.look();
        }
        expect(house.forge.pulls).toHaveLength(1);
        expect(await house.decisions('revert-proposed')).toHaveLength(1);
      }),
      { numRuns: 100, examples: CLOSED_UNHEARD },
    );
  });
});
