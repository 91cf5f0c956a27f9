// Every crash point of one transaction: the agent is killed there, and what is left on the disk lives on, after a power cut
// (with everything on the disk, and with what was not flushed lost) and after a restart of the process alone.

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { known } from '../e2e/support/lone-plan.ts';
import { diskStates, type StateKind } from './disk-state.ts';
import { type Fate, type Future, type Futures, futureOf } from './futures.ts';
import { copyNow, type Lab, setHeartbeat, tracedOnce } from './lab.ts';
import { comeToRest, powerOnAgain, untilCut } from './lives.ts';
import type { Slot } from './slot.ts';
import { type CutDepth, readTrace, type TracedCall } from './tracer.ts';
import { demandLive, inflict, type Loss, UnsyncedDisk } from './unsynced.ts';

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
  /** Other states in which a power cut there may find the disk, because not all was flushed. */
  readonly losses: number;
  /** What was broken, in words; empty for a point that was survived. */
  readonly broken: readonly string[];
}

export interface Sweep {
  readonly outcomes: readonly Outcome[];
  /** How many different disks the points left, by how they went on. */
  readonly states: Readonly<Record<keyof Futures, number>>;
}

/** Halves only of what is written to a disk: efivarfs takes a variable whole or not at all, and /run is memory. */
const isHalved = ({ call, data }: TracedCall): boolean => (call === 'write' || call === 'pwrite64') && data.length > 1;
const canBeHalf = (call: TracedCall): boolean =>
  isHalved(call) && !/\/root\/(?:sys\/firmware\/efi|run)\//.test(call.path);

export const crashPoints = ({ stretches }: Lab): readonly CrashPoint[] =>
  stretches.flatMap(({ calls }, stretch) =>
    calls.flatMap((call, index): readonly CrashPoint[] => {
      const point = { stretch, at: index + 1, call };
      return [{ ...point, depth: 'whole' }, ...(canBeHalf(call) ? [{ ...point, depth: 'half' } as const] : [])];
    }),
  );

export interface SweepOptions {
  /** After every so many points the agent is also started again in the same boot. */
  readonly restartEvery: number;
}

/** Tries all points, as many at a time as the lab has slots. */
export async function sweep(lab: Lab, points: readonly CrashPoint[], { restartEvery }: SweepOptions): Promise<Sweep> {
  const futures: Futures = { on: new Map(), off: new Map(), rebooted: new Map() };
  const waiting = points.map((point, index) => ({ point, futures, restarts: index % restartEvery === 0 }));
  const tried: Promise<Outcome>[] = [];
  const work = async (slot: Slot): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      // What goes wrong with the bench itself is told like a broken promise: the other points go on.
      const aftermaths = await crash(lab, slot, next).catch((error: unknown) => [
        { fate: Promise.resolve(String(error)) },
      ]);
      tried.push(outcomeOf(next.point, aftermaths));
    }
  };
  await Promise.all(lab.slots.map(work));
  const outcomes = await Promise.all(tried);
  return {
    outcomes,
    states: { on: futures.on.size, off: futures.off.size, rebooted: futures.rebooted.size },
  };
}

interface Aftermath {
  /** Of one disk that the cut may have left. */
  readonly fate: Fate;
  readonly loss?: string;
}

async function outcomeOf(point: CrashPoint, aftermaths: readonly Aftermath[]): Promise<Outcome> {
  const broken = await Promise.all(
    aftermaths.map(async ({ fate, loss }) => {
      const what = await fate;
      return what === undefined ? [] : [loss === undefined ? what : `${loss}: ${what}`];
    }),
  );
  const losses = aftermaths.filter(({ loss }) => loss !== undefined).length;
  return { point, wasReached: aftermaths.length > 0, losses, broken: broken.flat() };
}

interface Attempt {
  readonly point: CrashPoint;
  readonly futures: Futures;
  /** Also in the same boot. */
  readonly restarts: boolean;
}

/** What the cut has left, read before anything goes on. */
interface Left {
  readonly on: Future | undefined;
  readonly off: Future;
  /** The board's own files as they are with nothing lost. */
  readonly live: ReturnType<UnsyncedDisk['live']>;
  readonly losses: readonly Loss[];
}

/** What comes of the disks that the cut may leave; nothing where the agent came to its end before it. */
async function crash(lab: Lab, slot: Slot, { point, futures, restarts }: Attempt): Promise<readonly Aftermath[]> {
  const place = (name: string): string => join(slot.directory, name);
  const [here, kept, log] = [place('cut'), restarts ? place('kept') : place('cut'), place('cut.log')];
  for (const path of [log, `${log}.data`]) rmSync(path, { force: true });
  const agent = tracedOnce(log, point);
  let disk: UnsyncedDisk | undefined;
  const board = await lab.copy(known(lab.stretches[point.stretch]).snapshot, here, slot, {
    ...agent,
    command: paths => {
      // What lies there when the agent starts has been flushed: by a shutdown, or by the firmware.
      disk ??= new UnsyncedDisk(paths.root);
      return agent.command(paths);
    },
  });
  await slot.forget();
  const future = (kind: StateKind, state: string) => futureOf(futures[kind], `${point.stretch} ${state}`);
  const left = await untilCut(board, slot, {
    log,
    lab,
    // All in one go: the agent is started again as soon as this returns.
    atCut: (): Left => {
      const lost = lossesAt(known(disk), board.paths.root, { log, point });
      const states = diskStates(board.paths);
      if (restarts) copyNow(here, kept);
      const on = restarts ? future('on', states.on) : undefined;
      if (on?.live === undefined) void board.cutPower();
      else setHeartbeat(board, slot, 'short');
      return { on, off: future('off', states.off), ...lost };
    },
  });
  await left?.on?.live?.(fate => comeToRest(board, slot, { lab, futures, fate }));
  await board.cutPower();
  return left === undefined ? [] : afterThePowerCut(lab, slot, { left, kept, point, futures });
}

interface PowerCut extends Pick<Attempt, 'point' | 'futures'> {
  readonly left: Left;
  /** The board as it was at the cut. */
  readonly kept: string;
}

async function afterThePowerCut(
  lab: Lab,
  slot: Slot,
  { left, kept, point, futures }: PowerCut,
): Promise<readonly Aftermath[]> {
  const again = join(slot.directory, 'again');
  const living = { lab, futures, isProven: isProven(lab, point) };
  await left.off.live?.(async fate => powerOnAgain(await lab.copy(kept, again, slot), slot, { ...living, fate }));
  const aftermaths: Aftermath[] = [...(left.on === undefined ? [] : [left.on]), left.off];
  for (const loss of left.losses) {
    const lossy = await lab.copy(kept, again, slot);
    inflict(lossy.paths.root, left.live, loss);
    const { fate, live } = futureOf(futures.off, `${point.stretch} ${diskStates(lossy.paths).off}`);
    await live?.(own => powerOnAgain(lossy, slot, { ...living, fate: own }));
    aftermaths.push({ fate, loss: loss.what });
  }
  return aftermaths;
}

/** What the disk may have lost at the cut. The call that was cut off has not happened, or half. */
function lossesAt(
  disk: UnsyncedDisk,
  root: string,
  { log, point }: { readonly log: string; readonly point: CrashPoint },
): { readonly live: ReturnType<UnsyncedDisk['live']>; readonly losses: readonly Loss[] } {
  const { calls } = readTrace(log);
  for (const call of calls.slice(0, -1)) disk.take(call);
  const last = known(calls.at(-1));
  // Threads may have swapped places: what can not be done by halves was not done.
  if (point.depth === 'half' && isHalved(last))
    disk.take({ ...last, data: last.data.subarray(0, last.data.length >> 1) });
  const live = disk.live();
  demandLive(root, live);
  return { live, losses: disk.losses() };
}

/** The new OS runs in the last stretch of a transaction only, and has been found healthy there before anything is blessed. */
const isProven = ({ stretches, transaction }: Lab, { stretch }: CrashPoint): boolean =>
  transaction.verdict === 'upToDate' && stretch === stretches.length - 1;
