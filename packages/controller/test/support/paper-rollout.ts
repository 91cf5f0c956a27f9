// A rollout over boards that are nothing but standings: for the rules alone, without git, plans and reports.

import { type Millis, millis, type RolloutPolicy } from '@seatrial/spec';
import type { Decision } from '../../src/domain/decision.ts';
import { advance, boardsLetIn, type Rollout, type RolloutState, type World } from '../../src/domain/rollout.ts';
import { type OrderKind, startRollout, takeOrder } from '../../src/domain/rollout-orders.ts';
import type { Standing } from '../../src/domain/standing.ts';
import { NO_BOARDS, type Tally } from '../../src/domain/tallies.ts';
import { FIELD } from './fleet-simulation.ts';
import { NOW_MS, need } from './told-board.ts';
import { desiredOf, gitCommit, type WrittenFleet } from './written-fleet.ts';

export const HOUR_MS = 3_600_000;

export const policyOf = (fleet: WrittenFleet): RolloutPolicy => need(desiredOf(fleet).fleets[0]).rollout;

export const tallyOf = (counts: Partial<Tally>): Tally => ({ ...NO_BOARDS, ...counts });

const [, WANTED] = desiredOf().releases;

const FRESH: Rollout = startRollout({
  fleet: FIELD,
  release: need(WANTED).name,
  payloadHash: need(WANTED).payloadHash,
  gitCommit: gitCommit('1'),
  nowMs: millis(NOW_MS),
  boards: 10,
  before: [],
}).rollout;

/** A rollout that has not begun. */
export const aRollout = (changes: Partial<Rollout> = {}): Rollout => ({ ...FRESH, ...changes });

const THREE_STAGES = policyOf({ stages: ['{ limit: 1 }', '{ limit: 50%, soak: 1h }', '{ limit: 100% }'] });

export const aWorld = (changes: Partial<World> = {}): World => ({
  nowMs: millis(NOW_MS),
  policy: THREE_STAGES,
  suspended: false,
  signed: true,
  cohort: 10,
  moved: NO_BOARDS,
  resting: NO_BOARDS,
  approvals: [],
  ...changes,
});

/** Boards in the order of their turn, and the rollout that moves them. */
export class PaperRollout {
  rollout = aRollout();
  readonly decisions: Decision[] = [];
  readonly boards: { standing: Standing; moved: boolean; movedAtMs: number }[];
  policy: RolloutPolicy;
  suspended = false;
  nowMs = NOW_MS;

  constructor(policy: RolloutPolicy, count: number) {
    this.policy = policy;
    this.boards = Array.from({ length: count }, () => ({ standing: 'queued', moved: false, movedAtMs: 0 }));
    this.look();
  }

  world(): World {
    const count = (moved: boolean) => {
      const tally: Record<Standing, number> = { ...NO_BOARDS };
      for (const board of this.boards) if (board.moved === moved) tally[board.standing] += 1;
      return tally;
    };
    const { policy, suspended, boards } = this;
    const nowMs = this.nowMs as Millis;
    return aWorld({ nowMs, policy, suspended, cohort: boards.length, moved: count(true), resting: count(false) });
  }

  /** Lets boards in and advances until nothing changes. */
  look(): void {
    for (let turn = 0; turn < 200; turn += 1) {
      const moved = this.letIn();
      const next = advance(this.rollout, this.world());
      this.rollout = next.rollout;
      this.decisions.push(...next.decisions);
      if (!moved && next.decisions.length === 0) return;
    }
    throw new Error('the rollout does not come to rest');
  }

  order(kind: OrderKind): boolean {
    const { moved } = this.world();
    const taken = takeOrder(kind, this.rollout, { by: 'ada', reason: 'said so', nowMs: this.nowMs as Millis, moved });
    if (!taken.ok) return false;
    this.rollout = taken.value.rollout;
    this.decisions.push(...taken.value.decisions);
    if (kind === 'retry') for (const board of this.boards) if (gaveUp(board.standing)) this.#begin(board);
    this.look();
    return true;
  }

  pass(ms: number): void {
    this.nowMs += ms;
    for (const board of this.boards) {
      const isLate = this.nowMs - board.movedAtMs >= this.policy.deviceTimeoutMs;
      if (isLate && (board.standing === 'pending' || board.standing === 'updating')) board.standing = 'overdue';
    }
    this.look();
  }

  get state(): RolloutState {
    return advance(this.rollout, this.world()).state;
  }

  get moved(): number {
    return this.boards.filter(({ moved }) => moved).length;
  }

  letIn(): boolean {
    const isTurn = this.boards.slice(0, boardsLetIn(this.rollout, this.world()));
    const starting = isTurn.filter(({ moved, standing }) => !moved && standing !== 'upToDate');
    for (const board of starting) {
      board.moved = true;
      this.#begin(board);
    }
    return starting.length > 0;
  }

  #begin(board: { standing: Standing; movedAtMs: number }): void {
    board.standing = 'pending';
    board.movedAtMs = this.nowMs;
  }
}

const gaveUp = (standing: Standing): boolean => standing === 'failed' || standing === 'overdue';
