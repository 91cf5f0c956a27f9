// What a rehearsal is asked: which desired state is merged, onto which boards, over which network, and what goes wrong.

import type { Journal, Observed } from '@seatrial/capsule-plan';
import type { DesiredState, DeviceId, Millis, Name, NetworkClass } from '@seatrial/spec';
import type { FailureKind } from './failures.ts';
import type { FaultRates } from './faults.ts';

export interface RehearsalWish {
  /** What git would say after the merge. Every target is a board of the rehearsal. */
  readonly desired: DesiredState;
  /** What the boards were last seen to be. A board that is not in it has never reported. Undefined: nothing was seen of any. */
  readonly seen?: ReadonlyMap<DeviceId, SeenBoard>;
  /** The release that boards run before, where nothing was seen; undefined: the one before the wanted one. */
  readonly from?: Name;
  readonly seed: number;
  readonly mergedAtMs: Millis;
  /** The rehearsal ends so long after the merge, whatever is still to come. */
  readonly longestMs: number;
  /** In percent of the boards, by how the release fails on them. */
  readonly failures: Readonly<Partial<Record<FailureKind, number>>>;
  readonly faults: FaultRates;
  readonly network: Network;
  /** What pulling an OS commit takes: OSTree says it only while it pulls. */
  readonly commitBytes: number;
  /** `open`: every gate is open on every board. `observed`: as the boards were seen. */
  readonly gates: 'open' | 'observed';
  /** `given`: every approval that a stage needs is there. `written`: those that git holds. */
  readonly approvals: 'given' | 'written';
  /** Called now and then with the share of the way, from 0 to 1: of the boards that have arrived, or of the likely time. */
  readonly onProgress?: (share: number) => void;
  readonly stop?: AbortSignal;
}

export interface SeenBoard {
  readonly observed: Observed;
  readonly journal: Journal;
}

export interface Network {
  readonly class: NetworkClass;
  /** For each board. */
  readonly bytesPerSecond: number;
}

/** What a board usually gets of such a network, in bytes a second. */
export const USUAL_RATE = {
  ethernet: 10_000_000,
  wifi: 2_000_000,
  cellular: 250_000,
  satellite: 50_000,
} as const satisfies Record<NetworkClass, number>;
