// The bench on which a transaction is cut: one board as it is before each stretch of power of the transaction, and copies
// of it that are lived on.

import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Plan } from '@seatrial/capsule-plan';
import { InvariantError } from '@seatrial/spec';
import { type AgentSetup, BUNDLED_AGENT, openVirtualBoard, type VirtualBoard } from '@seatrial/virtual-board';
import { agentYaml, DEVICE, known, Workshop } from '../e2e/support/lone-plan.ts';
import { Slot } from './slot.ts';
import { readTrace, type TracedCall, traced } from './tracer.ts';
import { type Ending, endingOf, type Transaction } from './transaction.ts';

const run = promisify(execFile);

/** So short that a board takes no time that it need not take. */
const TIMING = { firmwareMs: 0, kernelMs: 0, watchdogMs: 1, agentRestartMs: 1, maxStartsPerMinute: 10_000 };
const PAUSES =
  'poll: 100ms, progress: 500ms, retryFirst: 20ms, retryLongest: 200ms, stall: 5s, healthRetry: 50ms, rebootGrace: 20s';

/** As it is shipped; Node keeps what it has compiled, because it is started a thousand times here. */
const AGENT: AgentSetup = {
  ...BUNDLED_AGENT,
  // One thread for all file access of Node: one call after the other.
  environment: { UV_THREADPOOL_SIZE: '1', NODE_COMPILE_CACHE: join(import.meta.dirname, '../dist/compiled') },
};

/** One stretch of power, from a switched-off board to its next reboot or its rest. */
export interface Stretch {
  /** A board that is off. */
  readonly snapshot: string;
  /** What the agent and its children did to the board's files, undisturbed. */
  readonly calls: readonly TracedCall[];
}

export interface Lab {
  readonly transaction: Transaction;
  readonly plan: Plan;
  readonly ending: Ending;
  readonly slots: readonly Slot[];
  readonly stretches: readonly Stretch[];
  /** A copy of `from` in `directory`, off, whose agent heeds its slot's broker. */
  copy(from: string, directory: string, slot: Slot, agent?: AgentSetup): Promise<VirtualBoard>;
  /** The board that lies there, off. */
  open(directory: string, slot: Slot, agent?: AgentSetup): VirtualBoard;
  close(): Promise<void>;
}

/** Lives through the transaction once, undisturbed, and keeps what is needed to begin again before each stretch. */
export async function openLab(transaction: Transaction, slotCount: number): Promise<Lab> {
  requireBundle();
  const directory = mkdtempSync(join(roomForBoards(), 'seatrial-crash-'));
  const workshop = await Workshop.open(join(directory, 'artifacts'));
  const factory = await workshop.makeBoard({
    directory: join(directory, 'stretch-0'),
    agent: AGENT,
    agentConfig: () => '',
  });
  const { commit: oldCommit } = known((await factory.inspect()).deployments[0]);
  const plan = await workshop.plan(transaction.halves, 1);
  const message = workshop.sign(plan);
  for (let n = 0; n < slotCount; n += 1) mkdirSync(join(directory, `slot-${n}`));
  const slots = await Promise.all(
    Array.from({ length: slotCount }, (_, n) => Slot.open(join(directory, `slot-${n}`), message)),
  );
  const open: Lab['open'] = (at, slot, agent = AGENT) => {
    const { verifyCapsule } = workshop;
    const board = openVirtualBoard({ directory: at, id: DEVICE, agent, verifyCapsule, timing: TIMING });
    setHeartbeat(board, slot, 'long');
    return board;
  };
  const copy: Lab['copy'] = async (from, to, slot, agent) => {
    rmSync(to, { recursive: true, force: true });
    await run('cp', ['-a', from, to]);
    return open(to, slot, agent);
  };
  const bare = { transaction, plan, ending: endingOf(transaction, plan, oldCommit), slots, copy, open };
  const stretches = await liveThrough(directory, bare);
  return {
    ...bare,
    stretches,
    close: async () => {
      for (const slot of slots) await slot.close();
      await workshop.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Copies what lies below a directory at this very moment: nothing else of this process runs meanwhile. */
export function copyNow(from: string, to: string): void {
  rmSync(to, { recursive: true, force: true });
  execFileSync('cp', ['-a', from, to]);
}

/** Long while calls are counted; short where a board is to show that it keeps still while it looks and tells. */
export const setHeartbeat = ({ paths }: VirtualBoard, { broker }: Slot, heartbeat: 'long' | 'short'): void =>
  writeFileSync(
    paths.agentConfig,
    agentYaml(paths, {
      brokerUrl: broker.url,
      intervals: `${PAUSES}, heartbeat: ${heartbeat === 'long' ? '1h' : '100ms'}`,
    }),
  );

async function liveThrough(directory: string, lab: Omit<Lab, 'stretches' | 'close'>): Promise<readonly Stretch[]> {
  const slot = known(lab.slots[0]);
  const stretches: Stretch[] = [];
  for (let isOver = false; !isOver; ) {
    const snapshot = join(directory, `stretch-${stretches.length}`);
    const next = join(directory, `stretch-${stretches.length + 1}`);
    const log = join(directory, `stretch-${stretches.length}.log`);
    const agent = tracedOnce(log, { at: 0, depth: 'whole' });
    const board = await lab.copy(snapshot, next, slot, agent);
    isOver = await liveOneStretch(board, slot, lab);
    stretches.push({ snapshot, calls: readTrace(log).calls });
  }
  return stretches;
}

/** The bundled agent; under the tracer in its first life. */
export function tracedOnce(log: string, cut: { readonly at: number; readonly depth: 'whole' | 'half' }): AgentSetup {
  let lives = 0;
  return {
    ...AGENT,
    command: paths => {
      lives += 1;
      const command = BUNDLED_AGENT.command(paths);
      return lives === 1 ? traced(command, { root: paths.root, log, ...cut }) : command;
    },
  };
}

/** True when the transaction is over, false when the board has gone down for a reboot; it is off in both cases. */
async function liveOneStretch(
  board: VirtualBoard,
  slot: Slot,
  { plan, transaction }: Pick<Lab, 'plan' | 'transaction'>,
): Promise<boolean> {
  await slot.forget();
  const over = new AbortController();
  const rebooting = new Promise<boolean>(resolve => {
    board.onEvent(({ kind }) => {
      if (kind !== 'agent-exited') return;
      void board.cutPower();
      resolve(false);
    });
  });
  const judged = slot.judged(transaction.verdict, plan, over.signal).then(() => true);
  await board.powerOn();
  const isOver = await Promise.race([rebooting, judged]);
  over.abort();
  await board.stop();
  return isOver;
}

/** In memory where there is some: what a flush is worth is the model's matter, and a real one takes only time. */
const roomForBoards = (): string => process.env['TMPDIR'] ?? (existsSync('/dev/shm') ? '/dev/shm' : tmpdir());

function requireBundle(): void {
  const [, bundle = ''] = BUNDLED_AGENT.command({ agentConfig: '' } as Parameters<AgentSetup['command']>[0]); // only this path is read
  if (!existsSync(bundle)) throw new InvariantError(`there is no bundled agent; npm run build makes ${bundle}`);
}
