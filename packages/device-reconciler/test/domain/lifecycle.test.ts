// The lifecycle machine, walked along every path, and held against what an agent must never do.

import type { Phase } from '@seatrial/capsule-plan';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { initialTransition, transition } from 'xstate';
import { getShortestPaths, getSimplePaths } from 'xstate/graph';
import { EXPECTED_NEXT, type LifecycleEvent, lifecycle, type Pauses, PHASES } from '../../src/domain/lifecycle.ts';
import { lifecycleDiagram } from '../../src/domain/lifecycle-diagram.ts';
import { passEvent } from '../../src/domain/pass-event.ts';
import { PortError } from '../../src/errors.ts';

const PAUSES: Pauses = {
  pollMs: 1_000,
  heartbeatMs: 60_000,
  retryFirstMs: 100,
  retryLongestMs: 10_000,
  rebootGraceMs: 30_000,
};
const INPUT = { pauses: PAUSES, nowMs: 0 };

type Snapshot = ReturnType<typeof initialTransition<typeof lifecycle>>[0];

/** What the machine becomes, and what it named on the way. */
function walk(events: readonly LifecycleEvent[]): { readonly snapshot: Snapshot; readonly named: readonly string[] } {
  let [snapshot] = initialTransition(lifecycle, INPUT);
  const named: string[] = [];
  for (const event of events) {
    const [next, effects] = transition(lifecycle, snapshot, event);
    snapshot = next;
    named.push(...effects.map(({ type }) => type));
  }
  return { snapshot, named };
}

const at = (nowMs: number) => ({ nowMs });
const started: LifecycleEvent = { type: 'started', ...at(0) };
const looked = (phase: Phase): LifecycleEvent => ({ type: `looked.${phase}`, ...at(0) });
const tick = (nowMs: number): LifecycleEvent => ({ type: 'tick', nowMs });
const requeue = (afterMs: number, nowMs = 0): LifecycleEvent => ({ type: 'pass.requeue', afterMs, nowMs });
const retry = (patient = false, nowMs = 0): LifecycleEvent => ({ type: 'pass.retry', patient, roll: 1, nowMs });

const EVENTS: readonly LifecycleEvent[] = [
  started,
  { type: 'planAccepted', ...at(0) },
  { type: 'planRefused', ...at(0) },
  { type: 'linkUp', ...at(0) },
  tick(100_000),
  ...PHASES.map(looked),
  { type: 'pass.done', ...at(0) },
  { type: 'pass.rebooting', ...at(0) },
  { type: 'pass.terminal', ...at(0) },
  requeue(0),
  requeue(500),
  retry(),
];

describe('when every path is walked', () => {
  const options = {
    events: EVENTS,
    input: INPUT,
    serializeState: ({ value, context }: Snapshot) => JSON.stringify([value.phase, value.activity, context.again]),
  };

  test('then every phase is reached in every activity', () => {
    const reached = new Set(
      getShortestPaths(lifecycle, options).map(({ state }) => `${state.value.phase} ${state.value.activity}`),
    );
    const all = PHASES.flatMap(phase => ['resting', 'working', 'rebooting'].map(activity => `${phase} ${activity}`));
    expect([...reached].sort()).toEqual(all.sort());
  });

  test('then no path leaves the machine without a way on, and a pass is only ever begun when none is under way', () => {
    const phaseless = EVENTS.filter(({ type }) => !type.startsWith('looked.'));
    const paths = getSimplePaths(lifecycle, { ...options, events: phaseless });
    expect(paths.length).toBeGreaterThan(5);
    for (const { steps } of paths) {
      let [snapshot] = initialTransition(lifecycle, INPUT);
      for (const { event } of steps.slice(1)) {
        const before = snapshot.value.activity;
        const [next, effects] = transition(lifecycle, snapshot, event);
        const begins = effects.filter(({ type }) => type === 'runPass').length;
        expect(begins).toBe(
          next.value.activity === 'working' && (before !== 'working' || event.type.startsWith('pass.')) ? 1 : 0,
        );
        snapshot = next;
      }
    }
  });
});

describe('when a pass ends', () => {
  test.each<[string, LifecycleEvent, number | undefined]>([
    ['at rest', { type: 'pass.done', ...at(0) }, PAUSES.heartbeatMs],
    ['waiting', requeue(700), 700],
    ['with a failure that passes', retry(), PAUSES.retryFirstMs],
    ['with a failure that somebody must end', retry(true), PAUSES.pollMs],
    ['for good', { type: 'pass.terminal', ...at(0) }, undefined],
    ['with a reboot', { type: 'pass.rebooting', ...at(0) }, PAUSES.rebootGraceMs],
  ])('then %s the next one comes after its pause', (_name, event, wakeAtMs) => {
    const { snapshot, named } = walk([started, event]);
    expect(snapshot.context.wakeAtMs).toBe(wakeAtMs);
    expect(named.filter(effect => effect === 'runPass')).toHaveLength(1);
  });

  test('then a step that was taken is followed by the next look at once', () => {
    expect(walk([started, requeue(0)]).snapshot.value.activity).toBe('working');
  });

  test('then a board that never rests is slowed down', () => {
    const { snapshot } = walk([started, ...Array.from({ length: 200 }, () => requeue(0))]);
    expect(snapshot.value.activity).toBe('resting');
    expect(snapshot.context.wakeAtMs).toBe(PAUSES.pollMs);
  });

  test('then pauses grow with every failure in a row, and shrink with the first success', () => {
    const failures = Array.from({ length: 5 }, (_, index) => [retry(false, 0), tick(1e9 + index)]).flat();
    const { snapshot } = walk([started, ...failures, retry(false, 0)]);
    expect(snapshot.context.wakeAtMs).toBe(PAUSES.retryFirstMs * 2 ** 5);
    expect(walk([started, ...failures, requeue(500)]).snapshot.context.failuresInARow).toBe(0);
  });

  test('then its result is told in the words of the machine', () => {
    const results = [
      passEvent({ kind: 'retry', error: new PortError('esp-full', 'x') }, 5, 0.5),
      passEvent({ kind: 'retry', error: new PortError('artifact-stalled', 'x') }, 5, 0.5),
      passEvent({ kind: 'terminal', error: new PortError('defect', 'x') }, 5, 0.5),
      passEvent({ kind: 'requeueAfter', afterMs: 7 }, 5, 0.5),
    ];
    expect(results).toEqual([
      { type: 'pass.retry', nowMs: 5, roll: 0.5, patient: true },
      { type: 'pass.retry', nowMs: 5, roll: 0.5, patient: false },
      { type: 'pass.terminal', nowMs: 5 },
      { type: 'pass.requeue', nowMs: 5, afterMs: 7 },
    ]);
  });
});

describe('when a newer plan comes', () => {
  const accepted: LifecycleEvent = { type: 'planAccepted', ...at(0) };

  test('then a resting board looks at once', () => {
    expect(walk([started, { type: 'pass.terminal', ...at(0) }, accepted]).snapshot.value.activity).toBe('working');
  });

  test.each<[string, LifecycleEvent]>([
    ['done', { type: 'pass.done', ...at(0) }],
    ['failed', retry()],
    ['ended for good', { type: 'pass.terminal', ...at(0) }],
    ['waiting', requeue(5_000)],
  ])('then a working one ends what it may, and when its pass is %s it looks again', (_name, end) => {
    const { snapshot, named } = walk([started, accepted, end]);
    expect(named).toContain('interruptBackground');
    expect([snapshot.value.activity, snapshot.context.again]).toEqual(['working', false]);
    expect(named.filter(effect => effect === 'runPass')).toHaveLength(2);
  });

  test('then one that is rebooting begins nothing', () => {
    const { snapshot, named } = walk([started, { type: 'pass.rebooting', ...at(0) }, accepted]);
    expect(snapshot.value.activity).toBe('rebooting');
    expect(named.filter(effect => effect === 'runPass')).toHaveLength(1);
  });
});

describe('when time passes', () => {
  test('then a tick before its time changes nothing', () => {
    const { named } = walk([started, requeue(500), tick(499)]);
    expect(named).toEqual(['runPass', 'tellNews']);
  });

  test('then a board that is due looks, and one that has not told for long tells', () => {
    expect(walk([started, requeue(500), tick(500)]).snapshot.value.activity).toBe('working');
    expect(walk([started, requeue(500), tick(PAUSES.heartbeatMs)]).named).toContain('tellAgain');
  });

  test('then a reboot that does not come is asked for again', () => {
    const rebooting = walk([started, { type: 'pass.rebooting', ...at(0) }, tick(PAUSES.rebootGraceMs)]);
    expect(rebooting.snapshot.value.activity).toBe('working');
  });
});

describe('when something comes that does not belong', () => {
  test.each<[string, readonly LifecycleEvent[]]>([
    ['the end of a pass that is not under way', [{ type: 'pass.done', ...at(0) }]],
    ['a second start', [started, started]],
    ['a phase out of order', [looked('goingBack')]],
  ])('then %s is reported, and the machine goes on', (_name, events) => {
    const { snapshot, named } = walk(events);
    expect(named).toContain('reportUnexpected');
    expect(snapshot.status).toBe('active');
  });

  test('then the world is believed: the phase is what was seen', () => {
    expect(walk([looked('converged'), looked('goingBack')]).snapshot.value.phase).toBe('goingBack');
  });

  test('then no order of events breaks it, and what is expected is never reported', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...EVENTS), { maxLength: 40 }), events => {
        expect(walk(events).snapshot.status).toBe('active');
      }),
      { numRuns: 200 },
    );
    for (const from of PHASES) {
      for (const to of EXPECTED_NEXT[from]) {
        const before = walk([looked(from)]).named.length;
        expect(walk([looked(from), looked(to)]).named.slice(before)).toEqual(['tellNews']);
      }
    }
  });
});

describe('when the machine is drawn', () => {
  test('then the drawing is the one in the documentation', async () => {
    await expect(lifecycleDiagram()).toMatchFileSnapshot('../../../../docs/generated/lifecycle-machine.mmd');
  });
});
