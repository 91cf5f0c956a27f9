// The lifecycle's next state and what it wants done, from its state and an event.
//
// XState's own `transition` makes a whole actor for every event, only to have the scope that a transition is given; on a
// small board that is most of its cost. The machine spawns, sends and emits nothing, so one scope serves all events.

import { type ActorScope, createActor, type ExecutableActionObject, type SnapshotFrom } from 'xstate';
import { isLifecycleEffect, type LifecycleEffect, type LifecycleEvent, lifecycle } from './lifecycle.ts';

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

/** As XState's `transition`, of which only the names of effects are of use here. */
export function nextLifecycle(
  snapshot: LifecycleSnapshot,
  event: LifecycleEvent,
): readonly [LifecycleSnapshot, readonly LifecycleEffect[]] {
  const named: LifecycleEffect[] = [];
  const scope = scopeThatNotes(({ type }) => {
    if (isLifecycleEffect(type)) named.push(type);
  });
  return [lifecycle.transition(snapshot, event, scope), named];
}
