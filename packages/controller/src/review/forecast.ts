// When a rollout that begins now would end, at the earliest: its own rules, run over boards that do what was foreseen.
//
// Who is in which stage follows from the merge commit, which does not exist yet: every stage is taken to hold its share of
// each sort of board. Approvals are given and gates open at once, boards are healthy, and fetch no faster than they may.

import { type GitCommit, InvariantError, type Millis, millis, type ResolvedFleet, type Sha256 } from '@seatrial/spec';
import { type Advance, advance, type Rollout, type World } from '../domain/rollout.ts';
import { startRollout } from '../domain/rollout-orders.ts';
import { NO_BOARDS } from '../domain/tallies.ts';
import type { Foresight } from './foresight.ts';
import { countSorts, NOBODY, type Share, shareOf, whenThrough } from './paces.ts';
import type { RolloutForecast, StageForecast } from './review.ts';

export interface ForecastInput {
  readonly fleet: ResolvedFleet;
  /** Those that follow the fleet's release: pinned boards have no turn. */
  readonly boards: readonly Foresight[];
  readonly payloadHash: Sha256;
  readonly nowMs: Millis;
}

export function forecast(input: ForecastInput): RolloutForecast {
  const run = new ForecastRun(input);
  for (let turn = 0; turn < MOST_TURNS; turn += 1) {
    const done = run.turn();
    if (done !== undefined) return done;
  }
  throw new InvariantError(`the forecast of ${input.fleet.name} does not come to rest`);
}

/** A stage enters, sees its first and its last board through, gives up twice, and soaks: at most 32 stages. */
const MOST_TURNS = 32 * 8;

/** No merge has named a commit yet; nothing here depends on which it is. */
const UNBORN = '0'.repeat(40) as GitCommit; // 40 hex digits are one

/** The boards of one stage that can act. */
interface Wave {
  readonly boards: number;
  /** The first of them is through. */
  readonly firstMs: number;
  readonly lastMs: number;
}

class ForecastRun {
  readonly #input: ForecastInput;
  readonly #all: Share;
  readonly #stages: StageForecast[] = [];
  readonly #waves: Wave[] = [];
  #letIn: Share = NOBODY;
  #rollout: Rollout;
  #nowMs: Millis;

  constructor(input: ForecastInput) {
    const { fleet, boards, nowMs, payloadHash } = input;
    const { name, release } = fleet;
    this.#input = input;
    this.#nowMs = nowMs;
    this.#all = countSorts(boards);
    const beginning = {
      fleet: name,
      release,
      payloadHash,
      gitCommit: UNBORN,
      nowMs,
      boards: boards.length,
      before: [],
    };
    this.#rollout = startRollout(beginning).rollout;
  }

  /** One look of the rollout at its boards; the forecast once it has come to its end. */
  turn(): RolloutForecast | undefined {
    const next = advance(this.#rollout, this.#world());
    this.#rollout = next.rollout;
    const entered = next.decisions.find(decision => decision.kind === 'stage-entered');
    if (entered?.kind === 'stage-entered') return this.#enter(entered.stage, entered.boards);
    return next.decisions.length > 0 ? undefined : this.#rest(next.state);
  }

  #enter(stage: number, boards: number): undefined {
    const { fleet } = this.#input;
    this.#endStage();
    const letIn = shareOf(this.#all, boards);
    const coming = letIn.able - this.#letIn.able;
    if (coming > 0) this.#waves.push({ boards: coming, ...whenThrough(this.#input.boards, coming, this.#nowMs) });
    this.#letIn = letIn;
    this.#stages.push({
      stage,
      boards,
      startsMs: this.#nowMs,
      soakMs: fleet.rollout.stages[stage - 1]?.soakMs ?? millis(0),
      approvals: fleet.rollout.approvals.filter(approval => approval.stage === stage).map(({ role }) => role),
    });
  }

  #rest(state: Advance['state']): RolloutForecast | undefined {
    if (state.kind === 'soaking') return this.#goTo(state.untilMs);
    if (state.kind === 'done') return this.#end();
    const waitsForBoards =
      state.kind === 'advancing' || (state.kind === 'waiting' && state.for === 'a-board-that-can-act');
    const next = waitsForBoards ? this.#nextMoment() : undefined;
    return next === undefined ? { stages: this.#stages, halts: state.message } : this.#goTo(next);
  }

  #goTo(moment: number): undefined {
    this.#nowMs = millis(moment);
  }

  /** Boards come through, or the stage gives up waiting for them. */
  #nextMoment(): number | undefined {
    const { deviceTimeoutMs } = this.#input.fleet.rollout;
    const entered = this.#rollout.stageEnteredAtMs;
    const moments = this.#waves.flatMap(({ firstMs, lastMs }) => [firstMs, lastMs]);
    const coming = [...moments, entered + deviceTimeoutMs, entered + 2 * deviceTimeoutMs].filter(
      at => at > this.#nowMs,
    );
    return coming.length === 0 ? undefined : Math.min(...coming);
  }

  #endStage(): void {
    const last = this.#stages.at(-1);
    if (last !== undefined) this.#stages[this.#stages.length - 1] = { ...last, endsMs: this.#nowMs };
  }

  /** A rollout does not wait for boards that it has given up; they come through all the same. */
  #end(): RolloutForecast {
    this.#endStage();
    const earliestEndMs = millis(Math.max(this.#nowMs, ...this.#waves.map(({ lastMs }) => lastMs)));
    return { stages: this.#stages, earliestEndMs };
  }

  #world(): World {
    const { fleet, boards } = this.#input;
    const { able, there, blocked, failed, silent } = this.#letIn;
    const done = this.#waves.reduce((sum, wave) => sum + throughAt(wave, this.#nowMs), 0);
    return {
      nowMs: this.#nowMs,
      policy: fleet.rollout,
      suspended: fleet.suspend,
      signed: true,
      cohort: boards.length,
      moved: { ...NO_BOARDS, gated: able - done, upToDate: done, blocked, failed, unreachable: silent },
      resting: { ...NO_BOARDS, upToDate: there, queued: boards.length - able - there - blocked - failed - silent },
      approvals: fleet.rollout.approvals.map(needed => ({ ...needed, by: needed.role, source: 'review' })),
    };
  }
}

const throughAt = ({ boards, firstMs, lastMs }: Wave, nowMs: Millis): number =>
  nowMs >= lastMs ? boards : nowMs >= firstMs ? 1 : 0;
