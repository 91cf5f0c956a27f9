// Diffs boards in one of three representations and prints what each question cost: `REPRESENTATION BOARDS FLEETS`.

import { type Boards, diffAll, diffBoard, diffRows, emptyBoards, rowOf, verdictCode } from '@seatrial/controller/parts';
import { InvariantError, parseDeviceId } from '@seatrial/spec';

/** A fleet of boards that can be asked. Every answer is a count, so that no work can be left out. */
interface Subject {
  all(): number;
  /** A fleet is to run something else. */
  merge(turn: number): number;
  report(n: number): number;
}

type Maker = (boards: number, fleets: number) => Subject;

const NOW_MS = 1_000;
/** Every tenth board is not where it should be. */
const isBehind = (n: number): boolean => n % 10 === 0;

interface Pair {
  readonly firmware: number;
  readonly os: string;
}

interface Board {
  readonly fleet: number;
  wanted: Pair;
  reported: Pair;
}

const hex = (n: number): string => n.toString(16).padStart(64, '0');

function makeObjects(count: number, fleets: number): Board[] {
  const wanted = Array.from({ length: fleets }, (_, fleet): Pair => ({ firmware: 2, os: hex(fleet) }));
  return Array.from({ length: count }, (_, n) => {
    const fleet = n % fleets;
    const target = wanted[fleet] ?? { firmware: 0, os: '' };
    return { fleet, wanted: target, reported: { firmware: isBehind(n) ? 1 : 2, os: target.os } };
  });
}

/** The two naive ways differ in how they compare. */
function naive(isEqual: (a: Pair, b: Pair) => boolean): Maker {
  return (count, fleets) => {
    const boards = makeObjects(count, fleets);
    const behind = new Map<number, number>();
    const add = (board: Board): void => {
      if (!isEqual(board.wanted, board.reported)) behind.set(board.fleet, (behind.get(board.fleet) ?? 0) + 1);
    };
    const total = (): number => [...behind.values()].reduce((sum, each) => sum + each, 0);
    return {
      all: () => {
        behind.clear();
        for (const board of boards) add(board);
        return total();
      },
      merge: turn => {
        const wanted = { firmware: 2 + (turn % 2), os: hex(1) };
        behind.delete(1);
        for (let n = 1; n < count; n += fleets) {
          const board = boards[n] ?? missing(n);
          board.wanted = wanted;
          add(board);
        }
        return behind.get(1) ?? 0;
      },
      report: n => {
        const board = boards[n % count] ?? missing(n);
        const before = isEqual(board.wanted, board.reported);
        board.reported = { firmware: 1 + (n % 2), os: board.wanted.os };
        const after = isEqual(board.wanted, board.reported);
        if (before !== after) behind.set(board.fleet, (behind.get(board.fleet) ?? 0) + (after ? -1 : 1));
        return behind.get(board.fleet) ?? 0;
      },
    };
  };
}

const columns: Maker = (count, fleets) => {
  const boards = emptyBoards();
  for (let n = 0; n < count; n += 1) fill(boards, n, fleets);
  boards.ids.length = 0;
  boards.rows.clear();
  let tallies = diffAll(boards, NOW_MS);
  const members = Uint32Array.from({ length: Math.ceil(count / fleets) }, (_, n) =>
    Math.min(1 + n * fleets, count - 1),
  );
  const upToDate = verdictCode('upToDate');
  const updating = verdictCode('updating');
  return {
    all: () => {
      tallies = diffAll(boards, NOW_MS);
      return tallies.of(1).upToDate;
    },
    merge: turn => {
      for (const row of members) boards.wanted[row] = turn % 2 === 0 ? 2 : fleets + 1;
      return diffRows(boards, tallies, members, NOW_MS).length;
    },
    report: n => {
      const row = n % count;
      boards.verdict[row] = n % 2 === 0 ? updating : upToDate;
      return diffBoard(boards, tallies, row, NOW_MS) === undefined ? 0 : 1;
    },
  };
};

function fill(boards: Boards, n: number, fleets: number): void {
  const row = rowOf(boards, parseDeviceId(`hub-${n}`) ?? missing(n));
  const payload = 1 + (n % fleets);
  for (const column of ['group', 'wanted', 'planned', 'judged'] as const) boards[column][row] = payload;
  boards.attempt[row] = 1;
  boards.judgedAttempt[row] = 1;
  boards.verdict[row] = verdictCode(isBehind(n) ? 'updating' : 'upToDate');
}

const MAKERS: Readonly<Record<string, Maker>> = {
  objects: naive((a, b) => a.firmware === b.firmware && a.os === b.os),
  JSON: naive((a, b) => JSON.stringify(a) === JSON.stringify(b)),
  columns,
};

function missing(what: unknown): never {
  throw new InvariantError(`there is no ${String(what)}`);
}

/** Live bytes, typed arrays included. */
function liveBytes(): number {
  globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** Milliseconds of one turn, after enough of them for the compiler. */
function timed(turns: number, work: (turn: number) => number): number {
  let checksum = 0;
  for (let turn = 0; turn < turns; turn += 1) checksum += work(turn);
  const startedMs = performance.now();
  for (let turn = 0; turn < turns; turn += 1) checksum += work(turn);
  const ms = (performance.now() - startedMs) / turns;
  return checksum < 0 ? missing('answer') : ms;
}

const [name = '', count = '0', fleets = '1'] = process.argv.slice(2);
const make = MAKERS[name] ?? missing(name);
const before = liveBytes();
const subject = make(Number(count), Number(fleets));
const memoryMiB = (liveBytes() - before) / 1024 / 1024;
const spread = 7_919;
const result = {
  wholeMs: timed(10, () => subject.all()),
  fleetMs: timed(50, turn => subject.merge(turn)),
  reportMicros: timed(200_000, turn => subject.report(turn * spread)) * 1_000,
  memoryMiB,
};
process.stdout.write(JSON.stringify(result));
