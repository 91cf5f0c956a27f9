// Runs the lifecycle machine: one event after the other, kept on the disk, then what it named.
//
// INVARIANTS
// - Events are handled in the order in which they came, never two at once.
// - What the machine has become is on the disk before anything that it named is begun; where the disk refuses, the agent
//   goes on, for the record only tells what was to be expected.

import type { Phase } from '@seatrial/capsule-plan';
import type { Condition } from '@seatrial/spec';
import type { LifecycleEffect, LifecycleEvent, Pauses } from '../domain/lifecycle.ts';
import { isSameRecord, type LifecycleRecord, NEW_RECORD, parseLifecycleRecord } from '../domain/lifecycle-record.ts';
import { firstLifecycle, type LifecycleSnapshot, nextLifecycle } from '../domain/next-lifecycle.ts';
import type { Ports } from '../ports/ports.ts';

/** Does what the machine names. None may take long: passes run beside the events. */
export type LifecycleEffects = {
  readonly [E in LifecycleEffect]: (why: { readonly event: LifecycleEvent; readonly from: Phase }) => void;
};

export interface LifecycleShellOptions {
  readonly ports: Pick<Ports, 'records' | 'timer' | 'log'>;
  readonly pauses: Pauses;
  readonly effects: LifecycleEffects;
  /** The board's conditions now; empty before the first look. */
  readonly conditions: () => readonly Condition[];
}

export interface LifecycleShell {
  /** What was known before this start. */
  readonly before: LifecycleRecord;
  phase(): Phase;
  /** Resolves when the event has been handled. */
  send(event: LifecycleEvent): Promise<void>;
  /** The monotonic moment at which the machine wants a tick. */
  dueAtMs(): number;
}

export async function lifecycleShell(options: LifecycleShellOptions): Promise<LifecycleShell> {
  const { ports, pauses, effects, conditions } = options;
  const before = await loadRecord(ports);
  let snapshot = firstLifecycle(before.phase, { pauses, nowMs: ports.timer.monotonic() });
  let kept = before;
  let queue = Promise.resolve();

  const keep = async (): Promise<void> => {
    const now: LifecycleRecord = { schema: 1, phase: phaseIn(snapshot), conditions: conditions() };
    if (now.conditions.length === 0 || isSameRecord(now, kept)) return;
    kept = now;
    await ports.records
      .write('lifecycle', JSON.stringify(now))
      .catch((error: unknown) => ports.log.write('warning', `the lifecycle was not kept: ${String(error)}`));
  };

  const handle = async (event: LifecycleEvent): Promise<void> => {
    const from = phaseIn(snapshot);
    const [next, named] = nextLifecycle(snapshot, event);
    snapshot = next;
    await keep();
    for (const effect of named) effects[effect]({ event, from });
  };

  return {
    before,
    phase: () => phaseIn(snapshot),
    send: event => {
      queue = queue
        .then(() => handle(event))
        .catch((error: unknown) => ports.log.write('error', `${event.type} was not handled: ${String(error)}`));
      return queue;
    },
    dueAtMs: () => {
      const { wakeAtMs, tellAtMs } = snapshot.context;
      const works = snapshot.matches({ activity: 'working' });
      return works || wakeAtMs === undefined ? tellAtMs : Math.min(wakeAtMs, tellAtMs);
    },
  };
}

const phaseIn = (snapshot: LifecycleSnapshot): Phase => snapshot.value.phase;

/** An unreadable record is set aside; then nothing is expected of the board. */
async function loadRecord({ records, log }: LifecycleShellOptions['ports']): Promise<LifecycleRecord> {
  const text = await records.read('lifecycle');
  if (text === undefined) return NEW_RECORD;
  const record = parseLifecycleRecord(text);
  if (record !== undefined) return record;
  log.write('error', `record-corrupt: the lifecycle is now ${await records.setAside('lifecycle')}`);
  return NEW_RECORD;
}
