// Every crash point of one transaction: the agent is killed there, and what is left on the disk lives on in two ways, after
// a power cut and after a restart of the process alone. Points that leave the same disk go on together.

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { BoardEvent, VirtualBoard } from '@seatrial/virtual-board';
import { known } from '../e2e/support/lone-plan.ts';
import { diskState, type StateKind } from './disk-state.ts';
import { copyNow, type Lab, setHeartbeat, tracedOnce } from './lab.ts';
import { BrokenPromise, demandBootable, demandFirstBoot, demandFloor, demandRest, demandTruth } from './promises.ts';
import type { Slot } from './slot.ts';
import { type CutDepth, type TracedCall, wasCut } from './tracer.ts';

export interface CrashPoint {
  readonly stretch: number;
  /** Counted from 1 within the stretch. */
  readonly at: number;
  readonly depth: CutDepth;
  /** Which call it was when nothing disturbed it; threads may swap places. */
  readonly call: TracedCall;
}

export interface Outcome {
  readonly point: CrashPoint;
  readonly wasReached: boolean;
  /** What was broken, in words; empty for a point that was survived. */
  readonly broken: readonly string[];
}

export interface Sweep {
  readonly outcomes: readonly Outcome[];
  /** How many different disks the points left, by how they went on. */
  readonly states: Readonly<Record<keyof Futures, number>>;
}

/** Halves only of what is written to a disk: efivarfs takes a variable whole or not at all, and /run is memory. */
const canBeHalf = ({ call, data, path }: TracedCall): boolean =>
  (call === 'write' || call === 'pwrite64') && data.length > 1 && !/\/root\/(?:sys\/firmware\/efi|run)\//.test(path);

export const crashPoints = ({ stretches }: Lab): readonly CrashPoint[] =>
  stretches.flatMap(({ calls }, stretch) =>
    calls.flatMap((call, index): readonly CrashPoint[] => {
      const point = { stretch, at: index + 1, call };
      return [{ ...point, depth: 'whole' }, ...(canBeHalf(call) ? [{ ...point, depth: 'half' } as const] : [])];
    }),
  );

/** Tries all points, as many at a time as the lab has slots. */
export async function sweep(lab: Lab, points: readonly CrashPoint[]): Promise<Sweep> {
  const futures: Futures = { on: new Map(), off: new Map(), rebooted: new Map() };
  const waiting = [...points];
  const tried: Promise<Outcome>[] = [];
  const work = async (slot: Slot): Promise<void> => {
    for (let point = waiting.shift(); point !== undefined; point = waiting.shift()) {
      const fates = await crash(lab, slot, { point, futures });
      tried.push(outcomeOf(point, fates));
    }
  };
  await Promise.all(lab.slots.map(work));
  return {
    outcomes: await Promise.all(tried),
    states: { on: futures.on.size, off: futures.off.size, rebooted: futures.rebooted.size },
  };
}

/** Settles with what was broken on the way, or with nothing. */
type Fate = Promise<string | undefined>;

/** What becomes of each disk, by its digest: after a cut with the power on or off, and after an orderly reboot on the way. */
type Futures = Readonly<Record<StateKind | 'rebooted', Map<string, Fate>>>;

async function outcomeOf(point: CrashPoint, fates: readonly Fate[]): Promise<Outcome> {
  const broken = (await Promise.all(fates)).filter(what => what !== undefined);
  return { point, wasReached: fates.length > 0, broken };
}

interface Attempt {
  readonly point: CrashPoint;
  readonly futures: Futures;
}

/** Another life, already begun, into which one has run: from there on both have the same fate. */
interface Met {
  readonly fate: Fate;
}

/** A life from a given disk to its rest, unless it meets another one. */
type Life = (fate: Fate) => Promise<Met | undefined>;

/** `live` is there where nobody has lived this future yet. */
interface Future {
  readonly fate: Fate;
  readonly live?: (life: Life) => Promise<void>;
}

function futureOf(known: Map<string, Fate>, key: string): Future {
  const before = known.get(key);
  if (before !== undefined) return { fate: before };
  const { promise: fate, resolve } = Promise.withResolvers<string | undefined>();
  known.set(key, fate);
  const live = async (life: Life): Promise<void> => {
    try {
      // The other's fate is not awaited here: it may be in another slot's hands.
      resolve((await life(fate))?.fate);
    } catch (error) {
      resolve(String(error));
    }
  };
  return { fate, live };
}

/** The fates of the disk that the cut leaves; none where the agent came to its end before it. */
async function crash(lab: Lab, slot: Slot, { point, futures }: Attempt): Promise<readonly Fate[]> {
  const [here, off, log] = ['cut', 'off', 'cut.log'].map(name => join(slot.directory, name)) as [
    string,
    string,
    string,
  ]; // of three names
  for (const path of [log, `${log}.data`]) rmSync(path, { force: true });
  const board = await lab.copy(known(lab.stretches[point.stretch]).snapshot, here, slot, tracedOnce(log, point));
  await slot.forget();
  const left = await untilCut(board, slot, {
    log,
    lab,
    // All in one go: the agent is started again as soon as this returns.
    atCut: () => {
      const future = (kind: StateKind) => futureOf(futures[kind], `${point.stretch} ${diskState(board.paths, kind)}`);
      const both = { on: future('on'), off: future('off') };
      if (both.off.live !== undefined) copyNow(here, off);
      if (both.on.live === undefined) void board.cutPower();
      else setHeartbeat(board, slot, 'short');
      return both;
    },
  });
  if (left !== undefined) await left.on.live?.(fate => comeToRest(board, slot, { lab, futures, fate }));
  await board.cutPower();
  if (left === undefined) return [];
  await left.off.live?.(fate => powerOnAgain(off, slot, { lab, futures, fate, isProven: isProven(lab, point) }));
  return [left.on.fate, left.off.fate];
}

/** The new OS runs in the last stretch of a transaction only, and has been found healthy there before anything is blessed. */
const isProven = ({ stretches, transaction }: Lab, { stretch }: CrashPoint): boolean =>
  transaction.verdict === 'upToDate' && stretch === stretches.length - 1;

interface Watch<T> {
  readonly log: string;
  readonly lab: Lab;
  readonly atCut: () => T;
}

/** Undefined where the agent's life or the transaction ended before the cut; the board is off then. */
async function untilCut<T>(board: VirtualBoard, slot: Slot, { log, lab, atCut }: Watch<T>): Promise<T | undefined> {
  const over = new AbortController();
  const ended = new Promise<T | undefined>((resolve, reject) => {
    const stop = board.onEvent(({ kind }) => {
      if (kind !== 'agent-exited') return;
      stop();
      try {
        if (wasCut(log)) return resolve(atCut());
        void board.cutPower();
        resolve(undefined);
      } catch (error) {
        reject(error);
      }
    });
  });
  const rested = slot.judged(lab.transaction.verdict, lab.plan, over.signal).then(() => undefined);
  await board.powerOn();
  const left = await Promise.race([ended, rested]);
  over.abort();
  return left;
}

interface Living {
  readonly lab: Lab;
  readonly futures: Futures;
  /** Of this very life. */
  readonly fate: Fate;
}

/** From here on nothing goes wrong any more: until the board is at rest, or reboots where another one went on. */
async function comeToRest(board: VirtualBoard, slot: Slot, { lab, futures, fate }: Living): Promise<Met | undefined> {
  const over = new AbortController();
  const met = meetKnown(board, futures, fate);
  const judged = slot.judged(lab.transaction.verdict, lab.plan, over.signal).then(report => ({ report }));
  try {
    const end = await Promise.race([met.life, judged]);
    if ('fate' in end) return end;
    const evidence = await board.inspect();
    demandFloor(evidence, lab);
    demandTruth(end.report, evidence, lab);
    await demandRest(board, slot);
    return undefined;
  } finally {
    over.abort();
    met.stop();
  }
}

/** At each reboot: is the disk one from which somebody has gone on before? Then the power goes here. */
function meetKnown(board: VirtualBoard, { rebooted }: Futures, fate: Fate) {
  const { promise: life, resolve, reject } = Promise.withResolvers<Met>();
  let isRebooting = false;
  const stop = board.onEvent(({ kind }) => {
    if (kind === 'reboot-requested') isRebooting = true;
    if (kind !== 'agent-exited' || !isRebooting) return;
    isRebooting = false;
    const key = diskState(board.paths, 'off');
    const before = rebooted.get(key);
    if (before === fate) return reject(new BrokenPromise(5, 'the board goes round in circles'));
    if (before === undefined) return void rebooted.set(key, fate);
    void board.cutPower();
    resolve({ fate: before });
  });
  return { life, stop };
}

async function powerOnAgain(
  directory: string,
  slot: Slot,
  { isProven, ...living }: Living & { readonly isProven: boolean },
): Promise<Met | undefined> {
  const { lab } = living;
  const board = lab.open(directory, slot);
  setHeartbeat(board, slot, 'short');
  demandBootable(await board.inspect(), isProven, lab);
  const events: BoardEvent[] = [];
  board.onEvent(event => events.push(event));
  await slot.forget();
  try {
    await board.powerOn();
    const met = await comeToRest(board, slot, living);
    demandFirstBoot(events, isProven, lab);
    return met;
  } finally {
    await board.cutPower();
  }
}
