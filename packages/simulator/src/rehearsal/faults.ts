// What goes wrong around a rollout, by name and rate: for each board a share in percent, for the servers a number of times.

import type { FirmwareFaultKind } from '@seatrial/virtual-board';
import type { Chance } from '../chance.ts';
import type { SceneHappening } from '../happen.ts';
import type { Timed } from '../scenario.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

interface FaultRow {
  readonly summary: string;
  /** Of a board: meets it once. Of the servers: happens so often. */
  readonly of: 'board' | 'servers';
  readonly happening: (chance: Chance, board: number) => SceneHappening;
  /** Set up at the merge, so that it meets the update itself. */
  readonly atMerge?: true;
}

const awhile = (chance: Chance, most = 3 * HOUR): number => chance.between(MINUTE, most);

export const FAULTS = {
  power: {
    of: 'board',
    summary: 'power fails in the midst of the update, between any two writes',
    atMerge: true,
    happening: (chance, board) => ({ kind: 'power-cut-at-effect', board, nth: chance.between(1, 45) }),
  },
  outage: {
    of: 'board',
    summary: 'power is away for up to three hours',
    happening: (chance, board) => ({ kind: 'power-cut', board, offMs: awhile(chance) }),
  },
  offline: {
    of: 'board',
    summary: 'artefacts can not be reached for up to three hours',
    happening: (chance, board) => ({ kind: 'offline', board, forMs: awhile(chance) }),
  },
  'cut-off': {
    of: 'board',
    summary: 'the broker can not be reached for up to three hours',
    happening: (chance, board) => ({ kind: 'cut-off', board, forMs: awhile(chance) }),
  },
  kill: {
    of: 'board',
    summary: 'the agent is killed',
    happening: (_chance, board) => ({ kind: 'kill-agent', board }),
  },
  storage: {
    of: 'board',
    summary: 'ESP, UEFI variables or disk take no writes for up to two hours',
    happening: (chance, board) => ({
      kind: 'storage',
      board,
      place: chance.pick(['esp', 'efivars', 'disk']),
      forMs: awhile(chance, 2 * HOUR),
    }),
  },
  firmware: {
    of: 'board',
    summary: 'the firmware refuses the capsule, forgets it, or ends the trial early',
    atMerge: true,
    happening: (chance, board) => ({
      kind: 'firmware-fault',
      board,
      fault: chance.pick<FirmwareFaultKind>([
        { kind: 'attempt-status', status: chance.between(1, 8) },
        { kind: 'metadata-unreadable' },
        { kind: 'stale-row' },
        { kind: 'ignore-request' },
        { kind: 'early-rollback' },
      ]),
    }),
  },
  clock: {
    of: 'board',
    summary: 'the clock is hours off, or was never set, for up to three hours',
    happening: (chance, board) => ({
      kind: 'clock',
      board,
      offsetMs: chance.pick<number | 'never-set'>(['never-set', 5 * HOUR, -5 * HOUR]),
      forMs: awhile(chance),
    }),
  },
  'lost-bless': {
    of: 'board',
    summary: 'a bless that was not on the disk yet is lost with the power',
    atMerge: true,
    happening: (_chance, board) => ({ kind: 'lose-blesses', board }),
  },
  controller: {
    of: 'servers',
    summary: 'the controller is killed and comes back within an hour',
    happening: chance => ({ kind: 'kill-controller', downMs: chance.between(1_000, HOUR), memory: 'kept' }),
  },
  broker: {
    of: 'servers',
    summary: 'the broker is away for up to twenty minutes and forgets what it retained',
    happening: chance => ({ kind: 'broker-restart', forgets: true, downMs: chance.between(1_000, 20 * MINUTE) }),
  },
} as const satisfies Readonly<Record<string, FaultRow>>;

/** `dead` is a board that has given up before the merge and never comes back. */
export type FaultKind = keyof typeof FAULTS | 'dead';
export const FAULT_KINDS = [...Object.keys(FAULTS), 'dead'] as readonly FaultKind[]; // the keys of the table
export const DEAD_SUMMARY = 'the board has given up before the merge and never comes back';
/** Percent of the boards; times for what is of the servers. */
export type FaultRates = Readonly<Partial<Record<FaultKind, number>>>;

/** Whether a rate counts boards in percent, and not times. */
export const isOfBoards = (kind: FaultKind): boolean => kind === 'dead' || FAULTS[kind].of === 'board';

export const FAULT_PRESETS = {
  none: {},
  few: { outage: 1, offline: 5, 'cut-off': 5 },
  field: { power: 10, outage: 5, offline: 30, 'cut-off': 30, kill: 2, dead: 0.1, controller: 1 },
  storm: {
    power: 30,
    outage: 20,
    offline: 60,
    'cut-off': 60,
    kill: 20,
    storage: 20,
    firmware: 10,
    clock: 5,
    'lost-bless': 10,
    dead: 1,
    controller: 3,
    broker: 2,
  },
} as const satisfies Readonly<Record<string, FaultRates>>;
export type FaultPreset = keyof typeof FAULT_PRESETS;

export type TimedHere = Timed & { readonly what: SceneHappening };

export interface Span {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** Everything that happens to one board, in time since the start. */
export function troublesOf(board: number, rates: FaultRates, chance: Chance, { fromMs, untilMs }: Span): TimedHere[] {
  return rowsOf('board').flatMap(([kind, row]) => {
    if (!chance.happens((rates[kind] ?? 0) / 100)) return [];
    const atMs = row.atMerge === true ? fromMs : chance.between(fromMs, untilMs);
    return [{ atMs, what: row.happening(chance, board) }];
  });
}

/** Everything that happens to controller and broker. */
export const troublesOfServers = (rates: FaultRates, chance: Chance, { fromMs, untilMs }: Span): TimedHere[] =>
  rowsOf('servers').flatMap(([kind, row]) =>
    Array.from({ length: Math.round(rates[kind] ?? 0) }, () => ({
      atMs: chance.between(fromMs, untilMs),
      what: row.happening(chance, 0),
    })),
  );

const rowsOf = (of: FaultRow['of']): readonly (readonly [keyof typeof FAULTS, FaultRow])[] =>
  Object.entries<FaultRow>(FAULTS).flatMap(
    ([kind, row]) => (row.of === of ? [[kind as keyof typeof FAULTS, row] as const] : []), // the keys of the table
  );
