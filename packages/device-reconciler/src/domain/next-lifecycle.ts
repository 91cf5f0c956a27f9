// The lifecycle's next state and what it wants done, from its state and an event.
//
// XState's own `transition` makes a whole actor for every event, only to have the scope that a transition is given; on a
// small board that is most of its cost. The machine spawns, sends and emits nothing, so one scope serves all events.

import type { Phase } from '@seatrial/capsule-plan';
import { type ActorScope, createActor, type ExecutableActionObject, type SnapshotFrom } from 'xstate';
import { isLifecycleEffect, type LifecycleEffect, type LifecycleEvent, lifecycle, type Pauses } from './lifecycle.ts';

export type LifecycleSnapshot = SnapshotFrom<typeof lifecycle>;

const NO_PAUSES = { pollMs: 0, heartbeatMs: 0, retryFirstMs: 0, retryLongestMs: 0, rebootGraceMs: 0 };
/** Never started: it is only there because a scope has one. */
const self = createActor(lifecycle, { input: { nowMs: 0, pauses: NO_PAUSES } });
const nothing = (): void => {};

function scopeThatNotes(note: (action: ExecutableActionObject) => void): ActorScope<LifecycleSnapshot, LifecycleEvent> {
  return {
    self,
    id: '',
    sessionId: '',
    system: self.system,
    logger: nothing,
    defer: nothing,
    emit: nothing,
    stopChild: nothing,
    actionExecutor: note,
  };
}

/** The lifecycle at the start of an agent: the phase is taken up where it was, the activity is begun anew. */
export function firstLifecycle(
  phase: Phase,
  input: { readonly pauses: Pauses; readonly nowMs: number },
): LifecycleSnapshot {
  const fresh = lifecycle.getInitialSnapshot(scopeThatNotes(nothing), input);
  return lifecycle.resolveState({ value: { ...fresh.value, phase }, context: fresh.context });
}

/** As XState's `transition`, of which only the names of effects are of use here. */
export function nextLifecycle(
  snapshot: LifecycleSnapshot,
  event: LifecycleEvent,
): readonly [LifecycleSnapshot, readonly LifecycleEffect[]] {
  const staying = effectsOfStaying(snapshot, event);
  return staying === undefined ? move(snapshot, event) : [snapshot, staying];
}

function move(
  snapshot: LifecycleSnapshot,
  event: LifecycleEvent,
): readonly [LifecycleSnapshot, readonly LifecycleEffect[]] {
  const named: LifecycleEffect[] = [];
  const scope = scopeThatNotes(({ type }) => {
    if (isLifecycleEffect(type)) named.push(type);
  });
  return [lifecycle.transition(snapshot, event, scope), named];
}

/** Effects of looks that found the board where it was, by state: nothing guards them and nothing is assigned. */
const STAYING = new Map<string, readonly LifecycleEffect[]>();

/** Most looks find the board where it was. What follows from that is worked out once for every state. */
function effectsOfStaying(snapshot: LifecycleSnapshot, event: LifecycleEvent): readonly LifecycleEffect[] | undefined {
  const { phase, activity } = snapshot.value;
  if (event.type !== `looked.${phase}`) return undefined;
  const state = `${phase} ${activity}`;
  const known = STAYING.get(state) ?? move(snapshot, event)[1];
  STAYING.set(state, known);
  return known;
}
