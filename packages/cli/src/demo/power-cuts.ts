// Takes a board's power away at a random one of its steps, and gives it back.

import type { Board, BoardEvent } from '@seatrial/virtual-board';
import type { Narrator } from './narrator.ts';

export interface PowerCut {
  readonly device: string;
  /** What the board was about to do, in its agent's words; undefined while it has not come so far. */
  readonly during: string | undefined;
  /** Settles when the power is back. */
  readonly over: Promise<void>;
}

export interface CutOrder {
  /** Which of the steps that the agent announces from now on, counted from 1. */
  readonly atStep: number;
  /** How long after the announcement. */
  readonly afterMs: number;
  readonly darkMs: number;
}

/** The agent announces each step on a line of its log, with the priority that journald reads. */
export const announcedStep = (event: BoardEvent): string | undefined => {
  if (event.kind !== 'agent-output' || !event.line.startsWith('<6>')) return undefined;
  const text = event.line.slice('<6>'.length);
  return text === 'connected' || text.startsWith('not connected') ? undefined : text;
};

export function cutPowerAtStep(board: Board, order: CutOrder, narrator: Narrator): PowerCut {
  const cut: { device: string; during: string | undefined; over: Promise<void> } = {
    device: board.id,
    during: undefined,
    over: Promise.resolve(),
  };
  let steps = 0;
  cut.over = new Promise((resolve, reject) => {
    const stop = board.onEvent(event => {
      const step = announcedStep(event);
      if (step === undefined) return;
      steps += 1;
      if (steps !== order.atStep) return;
      stop();
      cut.during = step;
      outage(board, order, { narrator, step }).then(resolve, reject);
    });
  });
  return cut;
}

async function outage(
  board: Board,
  { afterMs, darkMs }: CutOrder,
  { narrator, step }: { readonly narrator: Narrator; readonly step: string },
): Promise<void> {
  await pause(afterMs);
  await board.cutPower();
  narrator.board(board.id, `⚡ power cut ${afterMs} ms into: ${step}`);
  await pause(darkMs);
  await board.powerOn();
  narrator.board(board.id, 'power is back');
}

const pause = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms));
