// One fleet and its rollouts as a careful person with a list of boards would keep them: nothing is remembered that can be
// counted, and everything is counted board by board, every time. It shares no line with what it is compared with.

import { createHash } from 'node:crypto';
import type { Portion, RolloutPolicy } from '@seatrial/spec';

export type Said = 'acting' | 'gated' | 'blocked' | 'failed';
export type NaiveStanding = Said | 'queued' | 'unreachable' | 'overdue' | 'upToDate';

export interface NaiveBoard {
  readonly id: string;
  /** The release that it has proven last. */
  runs: string;
  /** The release that its newest plan is for, and which try that is. */
  planned: string;
  attempt: number;
  /** What it said last of a release and a try. */
  said: { readonly what: Said; readonly release: string; readonly attempt: number } | undefined;
  movedIn: number;
  dueAtMs: number;
  silentAtMs: number;
  stood: NaiveStanding;
}

export interface NaiveRollout {
  readonly number: number;
  readonly release: string;
  readonly salt: string;
  stage: number;
  enteredAtMs: number;
  movedAtEntry: number;
  actedAtEntry: number;
  soakUntilMs: number | undefined;
  promoted: number;
  acceptedFailed: number;
  acceptedBlocked: number;
  attempt: number;
  pausedAtMs: number | undefined;
  outcome: 'completed' | 'superseded' | undefined;
}

/** What the rollout is at: the state's kind, and for what it waits or why it is paused. */
export type NaiveState = string;

export class NaiveFleet {
  nowMs: number;
  release = '';
  policy: RolloutPolicy;
  suspended = false;
  /** Stages that have all their approvals. */
  readonly approved = new Set<number>();
  readonly boards: NaiveBoard[] = [];
  readonly decisions: string[] = [];
  readonly failures = new Set<string>();
  rollout: NaiveRollout | undefined;
  reason = '';
  /** Boards that were set in motion although more had failed than may: there must never be one. */
  movedBeyondBudget = 0;

  constructor(nowMs: number, policy: RolloutPolicy) {
    this.nowMs = nowMs;
    this.policy = policy;
  }

  standing(board: NaiveBoard): NaiveStanding {
    if (board.runs === this.release) return 'upToDate';
    if (board.planned !== this.release) return 'queued';
    const isOfThisTry = board.said?.release === this.release && board.said.attempt === board.attempt;
    const said = isOfThisTry && board.said !== undefined ? board.said.what : 'acting';
    if (said === 'failed' || said === 'blocked') return said;
    if (this.nowMs >= board.silentAtMs) return 'unreachable';
    if (said === 'gated') return 'gated';
    return this.nowMs >= board.dueAtMs ? 'overdue' : 'acting';
  }

  /* ---- What happens ---- */

  push(release: string, salt: string): void {
    if (this.release !== release) {
      if (this.rollout !== undefined && this.rollout.outcome === undefined) {
        this.rollout.outcome = 'superseded';
        this.decisions.push('rollout-superseded');
      }
      this.release = release;
      this.rollout = this.#begin(release, salt);
      this.decisions.push('rollout-started');
      this.approved.clear();
    }
    this.settle();
  }

  #begin(release: string, salt: string): NaiveRollout {
    return {
      number: (this.rollout?.number ?? 0) + 1,
      release,
      salt,
      stage: 0,
      enteredAtMs: this.nowMs,
      movedAtEntry: 0,
      actedAtEntry: 0,
      soakUntilMs: undefined,
      promoted: 0,
      acceptedFailed: 0,
      acceptedBlocked: 0,
      attempt: 1,
      pausedAtMs: undefined,
      outcome: undefined,
    };
  }

  order(kind: 'pause' | 'resume' | 'promote' | 'retry'): boolean {
    const { rollout } = this;
    if (rollout === undefined || rollout.outcome !== undefined) return false;
    const isPaused = rollout.pausedAtMs !== undefined;
    if (kind === 'pause' ? isPaused : kind === 'resume' ? !isPaused : rollout.stage === 0) return false;
    if (kind === 'pause') {
      rollout.pausedAtMs = this.nowMs;
      this.reason = 'operator';
      this.decisions.push('rollout-paused');
    } else if (kind === 'retry') {
      Object.assign(rollout, { attempt: rollout.attempt + 1, acceptedFailed: 0, acceptedBlocked: 0 });
      Object.assign(rollout, { enteredAtMs: this.nowMs, actedAtEntry: 0 });
      Object.assign(rollout, { pausedAtMs: undefined, soakUntilMs: undefined, promoted: 0 });
      this.decisions.push('rollout-retried');
    } else {
      const pausedMs = this.nowMs - (rollout.pausedAtMs ?? this.nowMs);
      rollout.enteredAtMs += pausedMs;
      if (rollout.soakUntilMs !== undefined) rollout.soakUntilMs += pausedMs;
      rollout.acceptedFailed = this.#moved('failed', 'overdue');
      rollout.acceptedBlocked = this.#moved('blocked');
      rollout.pausedAtMs = undefined;
      if (kind === 'promote') rollout.promoted = rollout.stage;
      this.decisions.push(kind === 'promote' ? 'stage-promoted' : 'rollout-resumed');
    }
    this.settle();
    return true;
  }

  /** Lets boards in and moves on, until nothing happens any more. */
  settle(): void {
    for (let turn = 0; turn < 200; turn += 1) {
      this.keepClocks();
      const begun = this.suspended ? 0 : this.#lookAfterBoards();
      this.keepClocks({ startsClocks: false });
      const decided = this.#move().decisions;
      this.decisions.push(...decided);
      if (begun === 0 && decided.length === 0) return;
    }
    throw new Error('the naive fleet does not come to rest');
  }

  /** A board's time runs from the moment it can act, and not while it can not. */
  keepClocks({ startsClocks = true }: { readonly startsClocks?: boolean } = {}): void {
    for (const board of this.boards) {
      const now = this.standing(board);
      if (now !== board.stood && now !== 'overdue' && startsClocks) {
        if (now !== 'acting') board.dueAtMs = Number.POSITIVE_INFINITY;
        else if (board.dueAtMs === Number.POSITIVE_INFINITY) board.dueAtMs = this.nowMs + this.policy.deviceTimeoutMs;
      }
      if (now !== board.stood && (now === 'failed' || now === 'overdue') && board.movedIn === this.rollout?.number)
        this.failures.add(`${board.id} ${board.movedIn} ${board.attempt}`);
      board.stood = now;
    }
  }

  /* ---- The rollout ---- */

  get state(): NaiveState {
    return this.#move({ isAsked: true }).state;
  }

  /** One move at most; none when it is only asked. */
  #move({ isAsked = false } = {}): { readonly state: NaiveState; readonly decisions: readonly string[] } {
    const { rollout, policy, boards } = this;
    const stay = (state: NaiveState) => ({ state, decisions: [] });
    if (rollout === undefined) return stay('none');
    if (rollout.outcome !== undefined) return stay(`done ${rollout.outcome}`);
    if (rollout.pausedAtMs !== undefined) return stay(`paused ${this.reason}`);
    const pause = (reason: string) => {
      if (!isAsked) {
        rollout.pausedAtMs = this.nowMs;
        this.reason = reason;
      }
      return { state: `paused ${reason}`, decisions: ['rollout-paused'] };
    };
    const { failed, blocked } = this.#toll(rollout);
    if (failed > this.budget) return pause('failure-budget');
    if (this.suspended) return stay('waiting end-of-suspension');
    if (boards.length === 0) return stay('waiting boards');
    const stage = policy.stages[Math.min(rollout.stage, policy.stages.length) - 1];
    const moved = this.#moved();
    if (stage !== undefined && rollout.promoted !== rollout.stage) {
      const ageMs = rollout.soakUntilMs === undefined ? this.nowMs - rollout.enteredAtMs : Number.POSITIVE_INFINITY;
      const acting = ageMs < 2 * policy.deviceTimeoutMs ? this.#moved('acting') : 0;
      const unable = ageMs < policy.deviceTimeoutMs ? this.#moved('gated', 'unreachable') : 0;
      const open = acting + unable;
      const best = this.#moved('upToDate') + open;
      const all = best + failed + blocked;
      if (all > 0 && (100 * best) / all < policy.successThreshold) return pause('success-threshold');
      if (open > 0) return stay('advancing');
      const hasMoved = moved !== rollout.movedAtEntry;
      if (this.#everActed() <= rollout.actedAtEntry && hasMoved) return stay('waiting a-board-that-can-act');
      if (stage.soakMs > 0 && hasMoved) {
        if (rollout.soakUntilMs === undefined) {
          if (!isAsked) rollout.soakUntilMs = this.nowMs + stage.soakMs;
          return { state: 'soaking', decisions: ['soak-started'] };
        }
        if (this.nowMs < rollout.soakUntilMs) return stay('soaking');
      }
    }
    if (rollout.stage >= policy.stages.length) {
      if (!isAsked) rollout.outcome = 'completed';
      return { state: 'done completed', decisions: ['rollout-completed'] };
    }
    const needed = policy.approvals.filter(approval => approval.stage === rollout.stage + 1);
    if (needed.length > 0 && !this.approved.has(rollout.stage + 1)) return stay('waiting approval');
    if (!isAsked) {
      Object.assign(rollout, { stage: rollout.stage + 1, enteredAtMs: this.nowMs, movedAtEntry: moved });
      Object.assign(rollout, { actedAtEntry: this.#everActed(), soakUntilMs: undefined, promoted: 0 });
    }
    return { state: 'advancing', decisions: [...needed.map(() => 'stage-approved'), 'stage-entered'] };
  }

  /** How many boards got a plan. */
  #lookAfterBoards(): number {
    const { rollout } = this;
    if (rollout === undefined) return 0;
    const reach = this.reach;
    let given = 0;
    for (const board of this.boards) {
      const standing = this.standing(board);
      const gaveUp = standing === 'failed' || standing === 'overdue';
      if (this.placeOf(board) < reach && board.movedIn !== rollout.number && standing !== 'upToDate') {
        if (this.#toll(rollout).failed > this.budget) this.movedBeyondBudget += 1;
        this.#give(board, rollout);
      } else if (board.movedIn === rollout.number && gaveUp && board.attempt < rollout.attempt) {
        this.#give(board, rollout);
      } else if (standing === 'upToDate' && board.planned !== this.release) {
        board.planned = this.release;
        board.attempt = rollout.attempt;
        board.movedIn = 0;
      } else continue;
      given += 1;
    }
    return given;
  }

  #give(board: NaiveBoard, rollout: NaiveRollout): void {
    board.planned = this.release;
    board.attempt = rollout.attempt;
    board.movedIn = rollout.number;
    board.dueAtMs = this.nowMs + this.policy.deviceTimeoutMs;
  }

  /** How many boards, from the first in line on, may be in motion. */
  get reach(): number {
    const { rollout, boards } = this;
    if (rollout === undefined || this.suspended || rollout.stage === 0) return 0;
    if (rollout.outcome !== undefined) return rollout.outcome === 'completed' ? boards.length : 0;
    return this.state.startsWith('paused') ? 0 : this.widthOf(rollout.stage);
  }

  widthOf(stage: number): number {
    const limit = this.policy.stages[Math.min(stage, this.policy.stages.length) - 1]?.limit ?? { percent: 100 };
    const wanted = 'count' in limit ? limit.count : upward(limit.percent, this.boards.length);
    return Math.min(this.boards.length, Math.max(1, wanted));
  }

  get budget(): number {
    const { failureBudget: budget } = this.policy;
    return 'count' in budget ? budget.count : this.boards.length - upward(100 - percentOf(budget), this.boards.length);
  }

  /** In the order of the digests of salt and name. */
  placeOf({ id }: NaiveBoard): number {
    const digest = (name: string) => digestOf(`${this.rollout?.salt}${name}`);
    return this.boards.filter(other => digest(other.id) < digest(id)).length;
  }

  /** As the rollout counts them, but for `pending` and `updating`, which here are one. */
  movedTally(): Readonly<Record<Exclude<NaiveStanding, 'acting'>, number>> {
    const all = ['gated', 'blocked', 'failed', 'queued', 'unreachable', 'overdue', 'upToDate'] as const;
    return Object.fromEntries(all.map(standing => [standing, this.#moved(standing)])) as Record<
      (typeof all)[number],
      number
    >; // one for each
  }

  /** Boards that this rollout has set in motion, and that stand in one of these ways. */
  #moved(...standings: readonly NaiveStanding[]): number {
    return this.boards.filter(
      board =>
        board.movedIn === this.rollout?.number && (standings.length === 0 || standings.includes(this.standing(board))),
    ).length;
  }

  #everActed = (): number => this.#moved('upToDate', 'failed', 'overdue', 'blocked');

  /** What has gone wrong since an engineer last accepted it. */
  #toll({ acceptedFailed, acceptedBlocked }: NaiveRollout): { readonly failed: number; readonly blocked: number } {
    return {
      failed: Math.max(0, this.#moved('failed', 'overdue') - acceptedFailed),
      blocked: Math.max(0, this.#moved('blocked') - acceptedBlocked),
    };
  }
}

const digests = new Map<string, string>();

function digestOf(text: string): string {
  const digest = digests.get(text) ?? createHash('sha256').update(text).digest('hex');
  digests.set(text, digest);
  return digest;
}

const percentOf = (portion: Portion): number => ('percent' in portion ? portion.percent : 0);

/** The smallest number of boards that is at least this share of all: tried out one by one, in whole numbers. */
function upward(percent: number, all: number): number {
  let boards = 0;
  while (boards * 100 < percent * all) boards += 1;
  return boards;
}
