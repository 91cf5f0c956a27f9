// What happens to a fleet, as data: made from a seed, printed when a promise breaks, and shortened until it breaks no more.

import type { FirmwareVersion, OstreeCommit } from '@seatrial/spec';
import type { FirmwareFaultKind } from '@seatrial/virtual-board';
import { Chance } from './chance.ts';
import type { Memory } from './controller.ts';
import {
  COMMITS,
  FACTORY,
  FIRMWARES,
  type FirmwareBehaviour,
  type FleetFile,
  type OsBehaviour,
  type ReleaseName,
} from './world.ts';

export type Happening =
  /* ---- git and people ---- */
  | { readonly kind: 'push'; readonly release: ReleaseName; readonly suspend?: boolean }
  | { readonly kind: 'revert' }
  | { readonly kind: 'force-push'; readonly release: ReleaseName }
  | { readonly kind: 'remove-fleet' }
  | { readonly kind: 'order'; readonly order: 'pause' | 'resume' | 'promote' | 'retry' }
  /** Another policy for the same release. */
  | { readonly kind: 'edit'; readonly stages: readonly string[]; readonly deviceTimeout: string }
  /** The ground crew approves the last stage, as it stands in git. */
  | { readonly kind: 'approve' }
  /* ---- boards ---- */
  | { readonly kind: 'power-cut'; readonly board: number; readonly offMs: number }
  | { readonly kind: 'power-cut-at-effect'; readonly board: number; readonly nth: number }
  | { readonly kind: 'kill-agent'; readonly board: number }
  | {
      readonly kind: 'storage';
      readonly board: number;
      readonly place: 'esp' | 'efivars' | 'disk';
      readonly forMs: number;
    }
  | { readonly kind: 'firmware-fault'; readonly board: number; readonly fault: FirmwareFaultKind }
  | { readonly kind: 'foreign-capsule'; readonly board: number; readonly forMs: number }
  | { readonly kind: 'foreign-bits'; readonly board: number }
  | { readonly kind: 'clock'; readonly board: number; readonly offsetMs: number | 'never-set'; readonly forMs: number }
  | { readonly kind: 'unparked'; readonly board: number; readonly forMs: number }
  | { readonly kind: 'lose-blesses'; readonly board: number }
  /** The disk answers flushes that it has not done: records of the last seconds before a power cut are not there. */
  | { readonly kind: 'lose-records'; readonly board: number; readonly forMs: number }
  /** A second board with the identity of this one, for a while. */
  | { readonly kind: 'clone'; readonly board: number; readonly forMs: number }
  /** Two boards have each other's identity from now on. */
  | { readonly kind: 'swap'; readonly board: number; readonly other: number }
  /* ---- network and broker ---- */
  | { readonly kind: 'kick'; readonly board: number | 'controller' }
  | { readonly kind: 'cut-off'; readonly board: number | 'controller'; readonly forMs: number }
  | { readonly kind: 'offline'; readonly board: number; readonly forMs: number }
  /** Several cannot reach the broker at once, and notice late. */
  | { readonly kind: 'partition'; readonly boards: readonly number[]; readonly forMs: number }
  | { readonly kind: 'broker-restart'; readonly forgets: boolean; readonly downMs: number }
  | {
      readonly kind: 'weather';
      readonly slow: number;
      readonly doubled: number;
      readonly overtaking: boolean;
      readonly forMs: number;
    }
  | { readonly kind: 'forge'; readonly board: number; readonly how: 'unsigned' | 'other-board' | 'replay' | 'garbage' }
  /* ---- controller ---- */
  | { readonly kind: 'kill-controller'; readonly downMs: number; readonly memory: Memory }
  | { readonly kind: 'backup' }
  | { readonly kind: 'git-away'; readonly forMs: number }
  | { readonly kind: 'audit-away'; readonly forMs: number };

export interface Timed {
  readonly atMs: number;
  readonly what: Happening;
}

export interface Scenario {
  readonly seed: number;
  readonly fleet: FleetFile;
  readonly natures: readonly {
    readonly os: readonly (readonly [OstreeCommit, OsBehaviour])[];
    readonly firmware: readonly (readonly [FirmwareVersion, FirmwareBehaviour])[];
  }[];
  readonly happenings: readonly Timed[];
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Everything bad has happened by then, and is mended. */
export const FAULTS_END_MS = 6 * HOUR;

export interface ScenarioOptions {
  readonly mostBoards?: number;
  readonly mostHappenings?: number;
}

export function scenarioOf(seed: number, { mostBoards = 3, mostHappenings = 9 }: ScenarioOptions = {}): Scenario {
  const chance = new Chance(seed);
  const boards = Array.from({ length: chance.between(1, mostBoards) }, (_, index) => `hub-${index + 1}`);
  const fleet: FleetFile = {
    release: 'r-1',
    boards,
    stages: chance.pick([
      ['{ limit: 100% }'],
      ['{ limit: 1 }', '{ limit: 100% }'],
      ['{ limit: 1, soak: 1h }', '{ limit: 50% }', '{ limit: 100% }'],
    ]),
    successThreshold: chance.pick([100, 75, 50]),
    failureBudget: chance.pick(['0', '1', '50%']),
    deviceTimeout: chance.pick(['1h', '2h']),
    suspend: false,
    parked: chance.happens(0.3),
    windowHours: chance.happens(0.15) ? 2 : 0,
    bootTries: chance.between(1, 3),
    isRemoved: false,
  };
  const happenings = [
    { atMs: 10 * MINUTE, what: pushOf(chance) },
    ...Array.from({ length: chance.between(0, mostHappenings) }, () => ({
      atMs: chance.between(MINUTE, FAULTS_END_MS - HOUR),
      what: happeningOf(chance, boards.length),
    })),
  ].sort((a, b) => a.atMs - b.atMs);
  const natures = boards.map(() => natureOf(chance));
  return {
    seed,
    fleet,
    natures,
    happenings: happenings.map(({ atMs, what }) => ({ atMs, what: survivable(what, natures) })),
  };
}

/**
 * A firmware that forgets the trial it was asked for, with an image on which nothing starts, has taken away the only way
 * back there is: no software on the board could be held to surviving both at once, though it is to survive either.
 */
function survivable(what: Happening, natures: Scenario['natures']): Happening {
  if (what.kind !== 'firmware-fault' || what.fault.kind !== 'forget-trial') return what;
  const hasDead = natures[what.board]?.firmware.some(([, behaviour]) => behaviour === 'dead');
  return hasDead === true ? { ...what, fault: { kind: 'ignore-request' } } : what;
}

const pushOf = (chance: Chance): Happening => ({
  kind: 'push',
  release: chance.pick(['r-2', 'r-2', 'r-3', 'r-4', 'r-5']),
});

/** Most releases are good on most boards. The factory's own are on all. */
function natureOf(chance: Chance): Scenario['natures'][number] {
  const os = COMMITS.filter(commit => commit !== FACTORY.os).map(
    commit =>
      [
        commit,
        chance.happens(0.75)
          ? 'healthy'
          : chance.pick<OsBehaviour>(['unhealthy', 'panics', 'hangs', 'flaps', 'crashes-once']),
      ] as const,
  );
  const firmware = FIRMWARES.filter(version => version !== FACTORY.firmware).map(
    version => [version, chance.happens(0.88) ? 'fine' : chance.pick<FirmwareBehaviour>(['refused', 'dead'])] as const,
  );
  return { os, firmware };
}

function happeningOf(chance: Chance, boards: number): Happening {
  const board = chance.between(0, boards - 1);
  const forMs = chance.between(MINUTE, 2 * HOUR);
  const who = chance.happens(0.3) ? 'controller' : board;
  return chance.pick<() => Happening>([
    () => pushOf(chance),
    () => ({ kind: 'push', release: 'r-1' }),
    () => ({ kind: 'push', release: 'r-2', suspend: chance.happens(0.5) }),
    () => ({ kind: 'revert' }),
    () => ({ kind: 'force-push', release: chance.pick(['r-1', 'r-3', 'r-4']) }),
    () => ({ kind: 'remove-fleet' }),
    () => ({ kind: 'order', order: chance.pick(['pause', 'resume', 'promote', 'retry']) }),
    () => ({ kind: 'power-cut', board, offMs: forMs }),
    () => ({ kind: 'power-cut-at-effect', board, nth: chance.between(1, 40) }),
    () => ({ kind: 'power-cut-at-effect', board, nth: chance.between(1, 40) }),
    () => ({ kind: 'kill-agent', board }),
    () => ({ kind: 'storage', board, place: chance.pick(['esp', 'efivars', 'disk']), forMs }),
    () => ({ kind: 'firmware-fault', board, fault: faultOf(chance) }),
    () => ({ kind: 'foreign-capsule', board, forMs }),
    () => ({ kind: 'foreign-bits', board }),
    () => ({
      kind: 'clock',
      board,
      offsetMs: chance.pick<number | 'never-set'>(['never-set', 5 * HOUR, -5 * HOUR]),
      forMs,
    }),
    () => ({ kind: 'unparked', board, forMs }),
    () => ({ kind: 'lose-blesses', board }),
    () => ({ kind: 'kick', board: who }),
    () => ({ kind: 'cut-off', board: who, forMs }),
    () => ({ kind: 'offline', board, forMs }),
    () => ({ kind: 'broker-restart', forgets: chance.happens(0.5), downMs: chance.between(1_000, 20 * MINUTE) }),
    () => ({
      kind: 'weather',
      slow: chance.next() * 0.3,
      doubled: chance.next() * 0.3,
      overtaking: chance.happens(0.5),
      forMs,
    }),
    () => ({ kind: 'forge', board, how: chance.pick(['unsigned', 'other-board', 'replay', 'garbage']) }),
    () => ({
      kind: 'kill-controller',
      downMs: chance.between(1_000, HOUR),
      memory: chance.pick<Memory>(['kept', 'kept', 'older', 'lost']),
    }),
    () => ({ kind: 'backup' }),
    () => ({ kind: 'git-away', forMs }),
    () => ({ kind: 'audit-away', forMs }),
  ])();
}

const faultOf = (chance: Chance): FirmwareFaultKind =>
  chance.pick<FirmwareFaultKind>([
    { kind: 'attempt-status', status: chance.between(1, 8) },
    { kind: 'metadata-unreadable' },
    { kind: 'stale-row' },
    { kind: 'ignore-request' },
    { kind: 'forget-trial' },
    { kind: 'early-rollback' },
    { kind: 'refuse-rollback' },
  ]);
