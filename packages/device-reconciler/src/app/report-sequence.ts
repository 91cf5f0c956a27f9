// Numbers the reports of this board. The epoch is written once per boot; the counter lives in tmpfs.

import { type Counter, type Epoch, isEpochOf, nextEpoch, type Speaker, sequenceOf } from '../domain/sequence.ts';
import type { Ports } from '../ports/ports.ts';
import type { RecordName } from '../ports/record-store.ts';

type Needs = Pick<Ports, 'records' | 'timer' | 'log'>;

/**
 * The number for the next report; larger than every one before. Where a disk takes no records it is still given, and then
 * only grows as long as the agent runs and the clock goes on: a board in trouble must be able to say so.
 */
export async function nextSequence(needs: Needs, speaker: Speaker): Promise<number> {
  const { records } = needs;
  const epoch = recordOf<Epoch>(await records.read('boot-epoch'), ['epoch', 'bootId', 'device']);
  const counter = recordOf<Counter>(await records.read('report-counter'), ['epoch', 'counter']);
  const next = isEpochOf(epoch, counter, speaker)
    ? { epoch: epoch.epoch, counter: (counter?.counter ?? 0) + 1 }
    : { epoch: await beginEpoch(needs, epoch, speaker), counter: 0 };
  await keep(needs, 'report-counter', next);
  return sequenceOf(next);
}

const keep = ({ records, log }: Needs, name: RecordName, value: Counter | Epoch): Promise<void> =>
  records
    .write(name, JSON.stringify(value))
    .catch((error: unknown) => log.write('warning', `${name} was not kept: ${String(error)}`));

async function beginEpoch(needs: Needs, previous: Epoch | undefined, speaker: Speaker): Promise<number> {
  const epoch = nextEpoch(previous, speaker, needs.timer.now());
  await keep(needs, 'boot-epoch', epoch);
  return epoch.epoch;
}

/** An unreadable record counts as none: a higher epoch takes its place. */
function recordOf<T extends object>(text: string | undefined, members: readonly (keyof T)[]): T | undefined {
  try {
    const value: unknown = JSON.parse(text ?? 'null');
    const whole = typeof value === 'object' && value !== null && members.every(member => member in value);
    return whole ? (value as T) : undefined; // written by ourselves, in this shape
  } catch {
    return undefined;
  }
}
