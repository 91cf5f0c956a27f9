// The board's lifecycle as a pure machine: no invocation, no timer. What it wants done it only names, and time arrives in
// its events, so that every path can be walked.
//
// Three things run beside each other: `phase` is where the board is on its way, as the last look concluded; `activity` is
// what the agent does about it; `telling` is when the controller hears of it.

import type { Phase } from '@seatrial/capsule-plan';
import { assign, setup } from 'xstate';
import { backoffMs } from './backoff.ts';

/** A moment on the monotonic clock, which every event brings along. */
interface At {
  readonly nowMs: number;
}

export type LifecycleEvent =
  | (At & { readonly type: 'started' | 'planAccepted' | 'planRefused' | 'tick' | 'linkUp' })
  | (At & { readonly type: `looked.${Phase}` })
  | (At & { readonly type: 'pass.done' | 'pass.rebooting' | 'pass.terminal' })
  | (At & { readonly type: 'pass.requeue'; readonly afterMs: number })
  /** `roll` in [0, 1) is the jitter; `patient` failures wait for somebody, so they are tried at the slow pace. */
  | (At & { readonly type: 'pass.retry'; readonly patient: boolean; readonly roll: number });

type PassEvent = Extract<LifecycleEvent, { type: `pass.${string}` }>;
const isPassEvent = (event: LifecycleEvent): event is PassEvent => event.type.startsWith('pass.');

export interface Pauses {
  readonly pollMs: number;
  readonly heartbeatMs: number;
  readonly retryFirstMs: number;
  readonly retryLongestMs: number;
  readonly rebootGraceMs: number;
}

interface LifecycleContext {
  readonly pauses: Pauses;
  /** When to look again; undefined where only an event leads on. */
  readonly wakeAtMs: number | undefined;
  readonly tellAtMs: number;
  readonly failuresInARow: number;
  /** Passes without a rest between them: a board that never rests has found a loop in the rules, and is slowed down. */
  readonly passesInARow: number;
  /** A newer plan came while a pass was under way. */
  readonly again: boolean;
}

/** More steps than any transaction has. */
const MOST_PASSES_IN_A_ROW = 100;

/** Where a phase can go when nothing strange happens. Any other change is believed all the same, and reported. */
export const EXPECTED_NEXT = {
  idle: ['fetching', 'waiting', 'installing', 'trial', 'converged'],
  fetching: ['waiting', 'installing', 'converged'],
  waiting: ['fetching', 'installing', 'trial', 'goingBack', 'converged', 'failed'],
  installing: ['fetching', 'waiting', 'trial', 'goingBack', 'converged', 'failed'],
  trial: ['waiting', 'installing', 'goingBack', 'converged', 'failed'],
  goingBack: ['waiting', 'fetching', 'installing', 'failed', 'converged'],
  converged: ['fetching', 'waiting', 'installing', 'trial', 'failed'],
  failed: ['fetching', 'waiting', 'installing', 'trial', 'converged'],
} as const satisfies Record<Phase, readonly Phase[]>;

export const PHASES = Object.keys(EXPECTED_NEXT) as readonly Phase[]; // total by its type

const isExpected = (from: Phase, to: Phase): boolean => {
  const next: readonly Phase[] = EXPECTED_NEXT[from];
  return from === to || next.includes(to);
};

const nothing = (): undefined => undefined;

/** What the machine can want done. */
const EFFECTS = {
  /** Look, decide, do: one pass. */
  runPass: nothing,
  /** Send a report if it says something new. */
  tellNews: nothing,
  /** Send a report in any case. */
  tellAgain: nothing,
  /** End a download: there is a newer plan. */
  interruptBackground: nothing,
  /** The event, or the change of phase that it brings, does not belong here. */
  reportUnexpected: nothing,
};
export type LifecycleEffect = keyof typeof EFFECTS;
export const isLifecycleEffect = (type: string): type is LifecycleEffect => type in EFFECTS;

const lifecycleSetup = setup({
  // XState reads its types from here; there is no value behind them.
  types: {} as { context: LifecycleContext; events: LifecycleEvent; input: At & { readonly pauses: Pauses } },
  actions: EFFECTS,
  guards: {
    isDue: ({ context: { wakeAtMs }, event }) => wakeAtMs !== undefined && event.nowMs >= wakeAtMs,
    isTellingDue: ({ context, event }) => event.nowMs >= context.tellAtMs,
    goesOn: ({ context, event }) =>
      context.again ||
      (event.type === 'pass.requeue' && event.afterMs === 0 && context.passesInARow < MOST_PASSES_IN_A_ROW),
    isAgain: ({ context }) => context.again,
  },
});

const goOn = assign<LifecycleContext, LifecycleEvent, undefined, LifecycleEvent, never>({
  passesInARow: ({ context }) => context.passesInARow + 1,
  failuresInARow: 0,
  again: false,
});

const startOver = assign<LifecycleContext, LifecycleEvent, undefined, LifecycleEvent, never>({
  passesInARow: 1,
  failuresInARow: 0,
  again: false,
});

/** The one place where the end of a pass becomes the time of the next; undefined where only an event leads on. */
const PAUSE_AFTER: {
  readonly [E in PassEvent['type']]: (event: PassEvent & { type: E }, context: LifecycleContext) => number | undefined;
} = {
  'pass.done': (_event, { pauses }) => pauses.heartbeatMs,
  'pass.requeue': ({ afterMs }, { pauses }) => (afterMs === 0 ? pauses.pollMs : afterMs),
  'pass.rebooting': (_event, { pauses }) => pauses.rebootGraceMs,
  'pass.retry': ({ patient, roll }, { pauses, failuresInARow }) => {
    const limits = { firstMs: pauses.retryFirstMs, longestMs: pauses.retryLongestMs };
    const pauseMs = backoffMs(failuresInARow + 1, limits, roll);
    return patient ? Math.max(pauses.pollMs, pauseMs) : pauseMs;
  },
  'pass.terminal': () => undefined,
};

const restUntil = assign<LifecycleContext, LifecycleEvent, undefined, LifecycleEvent, never>(({ context, event }) => {
  if (!isPassEvent(event)) return {};
  const pause = PAUSE_AFTER[event.type] as (event: PassEvent, context: LifecycleContext) => number | undefined; // a row is only given its own events
  const pauseMs = pause(event, context);
  return {
    passesInARow: 0,
    again: false,
    failuresInARow: event.type === 'pass.retry' ? context.failuresInARow + 1 : 0,
    wakeAtMs: pauseMs === undefined ? undefined : event.nowMs + pauseMs,
  };
});

/** Every change of phase is taken; one that nobody expects is reported too. */
const phaseChanges = (from: Phase) =>
  Object.fromEntries(
    PHASES.map(to => [
      `looked.${to}`,
      {
        target: to,
        actions: isExpected(from, to) ? [] : (['reportUnexpected'] as const),
      },
    ]),
  );

export const lifecycle = lifecycleSetup.createMachine({
  id: 'board',
  type: 'parallel',
  context: ({ input }) => ({
    pauses: input.pauses,
    wakeAtMs: undefined,
    tellAtMs: input.nowMs + input.pauses.heartbeatMs,
    failuresInARow: 0,
    passesInARow: 0,
    again: false,
  }),
  on: { '*': { actions: ['reportUnexpected'] } },
  states: {
    phase: {
      initial: 'idle',
      states: {
        idle: { on: phaseChanges('idle') },
        fetching: { on: phaseChanges('fetching') },
        waiting: { on: phaseChanges('waiting') },
        installing: { on: phaseChanges('installing') },
        trial: { on: phaseChanges('trial') },
        goingBack: { on: phaseChanges('goingBack') },
        converged: { on: phaseChanges('converged') },
        failed: { on: phaseChanges('failed') },
      },
    },
    activity: {
      initial: 'resting',
      states: {
        resting: {
          on: {
            started: { target: 'working', actions: [startOver] },
            planAccepted: { target: 'working', actions: [startOver] },
            tick: [{ guard: 'isDue', target: 'working' }, {}],
            'pass.*': { actions: ['reportUnexpected'] },
          },
        },
        working: {
          entry: ['runPass'],
          on: {
            planAccepted: { actions: [assign({ again: true }), 'interruptBackground'] },
            tick: {},
            'pass.requeue': [
              { guard: 'goesOn', target: 'working', reenter: true, actions: [goOn] },
              { target: 'resting', actions: [restUntil] },
            ],
            'pass.done': [
              { guard: 'isAgain', target: 'working', reenter: true, actions: [startOver] },
              { target: 'resting', actions: [restUntil] },
            ],
            'pass.retry': [
              { guard: 'isAgain', target: 'working', reenter: true, actions: [startOver] },
              { target: 'resting', actions: [restUntil] },
            ],
            'pass.terminal': [
              { guard: 'isAgain', target: 'working', reenter: true, actions: [startOver] },
              { target: 'resting', actions: [restUntil] },
            ],
            'pass.rebooting': { target: 'rebooting', actions: [restUntil] },
          },
        },
        rebooting: {
          on: {
            // Kept for the next boot; in this one nothing new is begun.
            planAccepted: {},
            tick: [{ guard: 'isDue', target: 'working' }, {}],
            'pass.*': { actions: ['reportUnexpected'] },
          },
        },
      },
    },
    telling: {
      on: {
        'looked.*': { actions: ['tellNews'] },
        'pass.*': { actions: ['tellNews'] },
        planRefused: { actions: ['tellNews'] },
        // A broker that was away may have lost what it was told.
        linkUp: { actions: ['tellAgain'] },
        tick: {
          guard: 'isTellingDue',
          actions: [
            'tellAgain',
            assign({ tellAtMs: ({ context, event }) => event.nowMs + context.pauses.heartbeatMs }),
          ],
        },
      },
    },
  },
});
