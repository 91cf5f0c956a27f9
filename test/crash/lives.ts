// The lives of boards around a cut: up to it, and from it to their rest.

import type { BoardEvent, VirtualBoard } from '@seatrial/virtual-board';
import { diskStates } from './disk-state.ts';
import { deferred, type Fate, type Futures, type Met } from './futures.ts';
import { type Lab, setHeartbeat } from './lab.ts';
import { BrokenPromise, demandBootable, demandFirstBoot, demandFloor, demandRest, demandTruth } from './promises.ts';
import type { Slot } from './slot.ts';
import { wasCut } from './tracer.ts';

export interface Watch<T> {
  readonly log: string;
  readonly lab: Lab;
  readonly atCut: () => T;
}

/** Undefined where the agent's life or the transaction ended before the cut; the board is off then. */
export async function untilCut<T>(
  board: VirtualBoard,
  slot: Slot,
  { log, lab, atCut }: Watch<T>,
): Promise<T | undefined> {
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
  try {
    return await Promise.race([ended, rested]);
  } catch (error) {
    await board.cutPower();
    throw error;
  } finally {
    over.abort();
  }
}

export interface Living {
  readonly lab: Lab;
  readonly futures: Futures;
  /** Of this very life. */
  readonly fate: Fate;
}

/** From here on nothing goes wrong any more: until the board is at rest, or reboots where another one went on. */
export async function comeToRest(
  board: VirtualBoard,
  slot: Slot,
  { lab, futures, fate }: Living,
): Promise<Met | undefined> {
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
  const { promise: life, resolve, reject } = deferred<Met>();
  let isRebooting = false;
  const stop = board.onEvent(({ kind }) => {
    if (kind === 'reboot-requested') isRebooting = true;
    if (kind !== 'agent-exited' || !isRebooting) return;
    isRebooting = false;
    const key = diskStates(board.paths).off;
    const before = rebooted.get(key);
    if (before === fate) return reject(new BrokenPromise(5, 'the board goes round in circles'));
    if (before === undefined) return void rebooted.set(key, fate);
    void board.cutPower();
    resolve({ fate: before });
  });
  return { life, stop };
}

export async function powerOnAgain(
  board: VirtualBoard,
  slot: Slot,
  { isProven, ...living }: Living & { readonly isProven: boolean },
): Promise<Met | undefined> {
  const { lab } = living;
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
