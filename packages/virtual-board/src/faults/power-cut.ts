// Power that goes at a chosen moment: after a time, with an event, or as soon as the disk shows how far the agent has come.

import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { asksForCapsuleDelivery, isOnTrial, parseEntryName, trialMaxCount } from '@seatrial/capsule-plan';
import { type BoardEvent, nextEvent } from '../board-events.ts';
import type { BoardPaths } from '../board-paths.ts';
import { VirtualBoardError } from '../errors.ts';
import { capsuleNames, readSharedVariables } from '../firmware/flash.ts';
import { listIfThere } from '../firmware/variable-files.ts';
import type { VirtualBoard } from '../virtual-board.ts';

export type PowerCutMoment =
  | { readonly kind: 'elapsed'; readonly ms: number }
  /** At a time in the coming `withinMs` that `random`, a number from 0 to 1, chooses. */
  | { readonly kind: 'random'; readonly withinMs: number; readonly random: number }
  /** `firmware-started` leaves the firmware's work undone; `entry-started` comes after counting, before the kernel. */
  | { readonly kind: 'event'; readonly event: BoardEvent['kind'] }
  /** As soon as the disk shows it, and did not when the cut was ordered. */
  | { readonly kind: 'trace'; readonly trace: DiskTrace };

/** What a step of a reconciler leaves on the disk. */
export type DiskTrace =
  | 'capsule-partly-written'
  | 'capsule-placed'
  | 'trial-armed'
  | 'capsule-requested'
  | 'commit-partly-pulled'
  | 'commit-deployed'
  | 'entry-counted'
  | 'entry-good'
  | 'firmware-committed';

/** Each trace as text that changes when the trace appears; empty while there is none. */
const TRACES: Readonly<Record<DiskTrace, (paths: BoardPaths) => string>> = {
  'capsule-partly-written': ({ updateCapsule }) =>
    listIfThere(updateCapsule)
      .filter(name => !name.toLowerCase().endsWith('.cap'))
      .join(),
  'capsule-placed': ({ updateCapsule }) => capsuleNames(updateCapsule).join(),
  'trial-armed': paths => {
    const { trial } = readSharedVariables(paths);
    return trial !== undefined && trialMaxCount(trial) > 0 && !isOnTrial(trial) ? trial.raw.toString() : '';
  },
  'capsule-requested': paths => {
    const { osIndications } = readSharedVariables(paths);
    return osIndications !== undefined && asksForCapsuleDelivery(osIndications) ? 'requested' : '';
  },
  'commit-partly-pulled': ({ root }) => listIfThere(join(root, 'ostree/repo/state')).join(),
  'commit-deployed': ({ root }) => deploymentsBelow(join(root, 'ostree/deploy')).join(),
  'entry-counted': ({ loaderEntries }) => entriesWhere(loaderEntries, { counted: true }),
  'entry-good': ({ loaderEntries }) => entriesWhere(loaderEntries, { counted: false }),
  'firmware-committed': paths => {
    const { trial } = readSharedVariables(paths);
    return trial === undefined || isOnTrial(trial) ? '' : trial.raw.toString();
  },
};

const POLL_MS = 2;

export interface PowerCutOptions {
  /** Throws MOMENT_MISSED when the moment has not come by then; 60 s by default. */
  readonly deadlineMs?: number;
}

/** Waits for the moment, cuts the power, and settles when the board is off. It does not come back by itself. */
export async function cutPowerAt(
  board: VirtualBoard,
  moment: PowerCutMoment,
  { deadlineMs = 60_000 }: PowerCutOptions = {},
): Promise<void> {
  if (moment.kind === 'event') return cutWithEvent(board, moment.event, deadlineMs);
  if (moment.kind === 'trace') await traceAppears(board.paths, moment.trace, deadlineMs);
  else await sleep(moment.kind === 'elapsed' ? moment.ms : moment.withinMs * moment.random);
  await board.cutPower();
}

/** The listener itself cuts: nothing of the board's life runs between the event and the end. */
async function cutWithEvent(board: VirtualBoard, kind: BoardEvent['kind'], deadlineMs: number): Promise<void> {
  const cut = (): boolean => {
    void board.cutPower().catch(() => undefined); // the same promise is awaited below
    return true;
  };
  await nextEvent(board, kind, { where: cut, deadlineMs });
  await board.cutPower();
}

async function traceAppears(paths: BoardPaths, trace: DiskTrace, deadlineMs: number): Promise<void> {
  const look = TRACES[trace];
  const before = look(paths);
  const deadline = performance.now() + deadlineMs;
  for (let now = look(paths); now === '' || now === before; now = look(paths)) {
    if (performance.now() > deadline) throw new VirtualBoardError('MOMENT_MISSED', trace);
    await sleep(POLL_MS);
  }
}

const deploymentsBelow = (stateroots: string): readonly string[] =>
  listIfThere(stateroots).flatMap(stateroot =>
    listIfThere(join(stateroots, stateroot, 'deploy')).filter(name => name.endsWith('.origin')),
  );

const entriesWhere = (directory: string, { counted }: { readonly counted: boolean }): string =>
  listIfThere(directory)
    .filter(name => (parseEntryName(name)?.triesLeft !== undefined) === counted)
    .join();
