// Numbers the reports of this board. The epoch is written once per boot; the counter lives in tmpfs.

import type { BootId } from '@seatrial/spec';
import { type Counter, type Epoch, isEpochOf, nextEpoch, sequenceOf } from '../domain/sequence.ts';
import type { Ports } from '../ports/ports.ts';

type Needs = Pick<Ports, 'records' | 'timer'>;

/** The number for the next report; larger than every one before. Fails with `store-io`, `disk-full`. */
export async function nextSequence({ records, timer }: Needs, bootId: BootId): Promise<number> {
  const epoch = recordOf<Epoch>(await records.read('boot-epoch'), ['epoch', 'bootId']);
  const counter = recordOf<Counter>(await records.read('report-counter'), ['epoch', 'counter']);
  const next = isEpochOf(epoch, counter, bootId)
    ? { epoch: epoch.epoch, counter: (counter?.counter ?? 0) + 1 }
    : { epoch: await beginEpoch({ records, timer }, epoch, bootId), counter: 0 };
  await records.write('report-counter', JSON.stringify(next));
  return sequenceOf(next);
}

async function beginEpoch({ records, timer }: Needs, previous: Epoch | undefined, bootId: BootId): Promise<number> {
  const epoch = nextEpoch(previous, bootId, timer.now());
  await records.write('boot-epoch', JSON.stringify(epoch));
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
