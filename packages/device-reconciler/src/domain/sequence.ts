// The sequence of reports: grows over reboots, lost counters and cloned disks, while a converged board writes nothing.

/** Reports that one epoch can number. */
const COUNTERS = 2 ** 20;

export interface Epoch extends Speaker {
  readonly schema: 1;
  readonly epoch: number;
}

/** Who numbers its reports: a board that was given another name begins anew, above whoever had the name before. */
export interface Speaker {
  readonly device: string;
  readonly bootId: string;
}

/** In tmpfs: the last counter that was used. */
export interface Counter {
  readonly epoch: number;
  readonly counter: number;
}

/**
 * A new epoch with every boot and every name, and where the counter of this boot is lost or used up. At least the seconds since 1970, so
 * that a board whose disk was written anew does not fall behind what it said before.
 */
export function nextEpoch(previous: Epoch | undefined, { device, bootId }: Speaker, nowMs: number): Epoch {
  return { schema: 1, device, bootId, epoch: Math.max((previous?.epoch ?? 0) + 1, Math.floor(nowMs / 1000)) };
}

export const isEpochOf = (
  epoch: Epoch | undefined,
  counter: Counter | undefined,
  { device, bootId }: Speaker,
): epoch is Epoch =>
  epoch !== undefined &&
  epoch.bootId === bootId &&
  epoch.device === device &&
  counter?.epoch === epoch.epoch &&
  counter.counter < COUNTERS - 1;

/** Below 2^53 until the year 2242. */
export const sequenceOf = ({ epoch, counter }: Counter): number => epoch * COUNTERS + counter;
