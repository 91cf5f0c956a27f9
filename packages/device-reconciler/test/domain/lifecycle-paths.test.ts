// Every order of events up to a depth, walked through the lifecycle machine and through a plain one beside it. Histories that
// lead to the same state go on together, so all of them are covered though each state is left only once.

import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from 'vitest';
import { initialTransition, transition } from 'xstate';
import { type LifecycleEvent, lifecycle, type Pauses, PHASES } from '../../src/domain/lifecycle.ts';
import { newPaperMachine, type PaperMachine, paperStep } from './lifecycle-model.ts';

const PAUSES: Pauses = {
  pollMs: 1_000,
  heartbeatMs: 60_000,
  retryFirstMs: 100,
  retryLongestMs: 10_000,
  rebootGraceMs: 30_000,
};
const DEPTH = 6;
/** Longer than any pause: whoever waits for time is due. */
const LONG_MS = 3_600_000;

/** What can happen next, each after a while. */
const eventsAt = (nowMs: number): readonly LifecycleEvent[] => [
  { type: 'started', nowMs },
  { type: 'planAccepted', nowMs },
  { type: 'planRefused', nowMs },
  { type: 'linkUp', nowMs },
  ...[0, 1_000, LONG_MS].map((ms): LifecycleEvent => ({ type: 'tick', nowMs: nowMs + ms })),
  ...PHASES.map((phase): LifecycleEvent => ({ type: `looked.${phase}`, nowMs })),
  { type: 'pass.done', nowMs },
  { type: 'pass.rebooting', nowMs },
  { type: 'pass.terminal', nowMs },
  ...[0, 500].map((afterMs): LifecycleEvent => ({ type: 'pass.requeue', nowMs, afterMs })),
  ...[true, false].map((patient): LifecycleEvent => ({ type: 'pass.retry', nowMs, patient, roll: 0.5 })),
];

type Snapshot = ReturnType<typeof initialTransition<typeof lifecycle>>[0];

interface Node {
  readonly snapshot: Snapshot;
  readonly paper: PaperMachine;
  readonly nowMs: number;
  /** Passes that were begun and have not ended. */
  readonly underway: number;
  /** How many histories lead here, of the length that is being walked. */
  histories: bigint;
}

const paperOf = ({ value, context }: Snapshot): PaperMachine => {
  const { phase, activity } = value;
  const { wakeAtMs, tellAtMs, failuresInARow, passesInARow, again } = context;
  return { phase, activity, wakeAtMs, tellAtMs, failuresInARow, passesInARow, again };
};

/** Moments count by how far ahead they are: the machine knows no other clock than that of its events. */
function keyOf({ paper, nowMs }: Node): string {
  const ahead = (moment: number | undefined) => (moment === undefined ? '-' : Math.max(0, moment - nowMs));
  const { phase, activity, again, wakeAtMs, tellAtMs, failuresInARow, passesInARow } = paper;
  return [phase, activity, again, ahead(wakeAtMs), ahead(tellAtMs), failuresInARow, passesInARow].join();
}

function follow(node: Node, event: LifecycleEvent): Node {
  const [snapshot, actions] = transition(lifecycle, node.snapshot, event);
  const { next: paper, effects } = paperStep(node.paper, event, PAUSES);
  const named = actions.map(({ type }) => type);
  const [machine, sheet] = [
    { ...paperOf(snapshot), named: named.toSorted() },
    { ...paper, named: effects },
  ];
  // A matcher for each would cost more than all the rest.
  if (!isDeepStrictEqual(machine, sheet)) {
    throw new Error(JSON.stringify({ from: node.paper, event, machine, sheet }, undefined, 1));
  }
  const begun = named.filter(type => type === 'runPass').length;
  const ended = event.type.startsWith('pass.') && node.underway > 0 ? 1 : 0;
  const underway = node.underway + begun - ended;
  return { snapshot, paper, nowMs: event.nowMs, underway, histories: node.histories };
}

/** In every state, whatever led there. */
function hold(node: Node): void {
  const { activity, wakeAtMs } = node.paper;
  expect(node.underway, 'one pass while working, none otherwise').toBe(activity === 'working' ? 1 : 0);
  const later: LifecycleEvent = { type: 'tick', nowMs: node.nowMs + LONG_MS };
  const [afterLong, effects] = transition(lifecycle, node.snapshot, later);
  expect(
    effects.map(({ type }) => type),
    'a board that was silent for long speaks',
  ).toContain('tellAgain');
  const waitsForTime = activity === 'rebooting' || (activity === 'resting' && wakeAtMs !== undefined);
  expect(waitsForTime && afterLong.value.activity !== 'working', 'who waits for time is led on by it').toBe(false);
  const [told] = transition(lifecycle, node.snapshot, { type: 'planAccepted', nowMs: node.nowMs });
  expect(activity === 'resting' && told.value.activity !== 'working', 'a new plan always gets a look').toBe(false);
}

describe('when all histories of events up to a depth are lived through', () => {
  test('then machine and paper agree at every step, and no state is a dead end', { timeout: 120_000 }, () => {
    const [snapshot] = initialTransition(lifecycle, { pauses: PAUSES, nowMs: 0 });
    const first: Node = { snapshot, paper: newPaperMachine(PAUSES), nowMs: 0, underway: 0, histories: 1n };
    const held = new Set<string>();
    let [level, transitions, histories] = [new Map([[keyOf(first), first]]), 0, 0n];
    for (let depth = 0; depth < DEPTH; depth += 1) {
      const next = new Map<string, Node>();
      for (const node of level.values()) {
        for (const event of eventsAt(node.nowMs)) {
          const after = follow(node, event);
          const key = keyOf(after);
          const same = next.get(key);
          if (same === undefined) next.set(key, after);
          else same.histories += after.histories;
          if (!held.has(key)) hold(after);
          held.add(key);
          transitions += 1;
        }
      }
      level = next;
      histories = [...level.values()].reduce((sum, node) => sum + node.histories, 0n);
    }
    expect(histories).toBe(BigInt(eventsAt(0).length) ** BigInt(DEPTH));
    expect(held.size).toBeGreaterThan(1_000);
    console.log(
      `lifecycle: all ${histories} histories of ${DEPTH} events; ${held.size} states, ${transitions} transitions compared`,
    );
  });
});
