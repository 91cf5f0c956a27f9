// The agent's own way into the machine says the same as XState's, whatever happens in whatever order.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { initialTransition, transition } from 'xstate';
import { type LifecycleEvent, lifecycle, type Pauses, PHASES } from '../../src/domain/lifecycle.ts';
import { nextLifecycle } from '../../src/domain/next-lifecycle.ts';

const PAUSES: Pauses = {
  pollMs: 1_000,
  heartbeatMs: 60_000,
  retryFirstMs: 100,
  retryLongestMs: 10_000,
  rebootGraceMs: 30_000,
};

const TYPES = [
  'started',
  'planAccepted',
  'planRefused',
  'tick',
  'linkUp',
  'pass.done',
  'pass.rebooting',
  'pass.terminal',
  ...PHASES.map(phase => `looked.${phase}` as const),
] as const;

const events: fc.Arbitrary<LifecycleEvent> = fc
  .record({ nowMs: fc.nat(200_000), type: fc.constantFrom(...TYPES, 'pass.requeue' as const, 'pass.retry' as const) })
  .chain(({ nowMs, type }): fc.Arbitrary<LifecycleEvent> => {
    if (type === 'pass.requeue') return fc.nat(2_000).map(afterMs => ({ type, nowMs, afterMs }));
    if (type === 'pass.retry') return fc.boolean().map(patient => ({ type, nowMs, patient, roll: 0.5 }));
    return fc.constant({ type, nowMs });
  });

test('when events come in any order, then both ways name the same effects and lead to the same state', () => {
  fc.assert(
    fc.property(fc.array(events, { maxLength: 40 }), sequence => {
      let [snapshot] = initialTransition(lifecycle, { pauses: PAUSES, nowMs: 0 });
      for (const event of sequence) {
        const [expected, actions] = transition(lifecycle, snapshot, event);
        const [next, effects] = nextLifecycle(snapshot, event);
        expect(effects).toEqual(actions.map(({ type }) => type));
        expect([next.value, next.context, next.status]).toEqual([expected.value, expected.context, expected.status]);
        snapshot = next;
      }
    }),
    { numRuns: 300 },
  );
});
