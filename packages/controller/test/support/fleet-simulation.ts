// A ledger with boards around it that answer their plans as a test wants: everything but git, broker and store.

import type { Report } from '@seatrial/capsule-plan';
import { type DesiredState, type Millis, type Name, parseName } from '@seatrial/spec';
import { assign, unjudged } from '../../src/domain/assign.ts';
import { boardFailure } from '../../src/domain/board-failures.ts';
import type { Decision } from '../../src/domain/decision.ts';
import { standingAt } from '../../src/domain/diff.ts';
import { emptyLedger, type FleetEntry, type Ledger, worldOf } from '../../src/domain/ledger.ts';
import type { PlanRecord } from '../../src/domain/plan-record.ts';
import { advance, type Rollout, type RolloutState } from '../../src/domain/rollout.ts';
import { type OrderKind, type OrderRefusal, takeOrder } from '../../src/domain/rollout-orders.ts';
import { steer } from '../../src/domain/steer.ts';
import { judge, restand, takeReport } from '../../src/domain/take-report.ts';
import { NOW_MS, need, type ToldBoard, toldBoard } from './told-board.ts';
import { gitCommit } from './written-fleet.ts';

export const FIELD = need(parseName('field'));
const WEEK_MS = 7 * 86_400_000;

export class FleetSimulation {
  readonly ledger: Ledger = emptyLedger();
  readonly decisions: Decision[] = [];
  /** The newest plan of every board. */
  readonly plans = new Map<string, PlanRecord>();
  nowMs = NOW_MS as Millis;
  readonly #sequences = new Map<string, number>();
  readonly #reports = new Map<number, Report>();
  #commits = 0;

  /** A new commit on the branch. */
  commit(desired: DesiredState): void {
    this.#commits += 1;
    const assigned = assign(this.ledger, desired, {
      gitCommit: gitCommit(String(this.#commits)),
      requireSignatures: false,
      unheardUntilMs: (this.nowMs + 900_000) as Millis,
    });
    for (const row of unjudged(this.ledger, assigned.touched)) judge(this.ledger, row, need(this.#reports.get(row)));
    for (const row of assigned.touched) restand(this.ledger, row, this.nowMs);
    for (const fleet of [...assigned.changed, ...assigned.gone]) this.steer(fleet);
  }

  report(told: Omit<ToldBoard, 'sequence'>): void {
    const sequence = (this.#sequences.get(told.device) ?? 0) + 1;
    this.#sequences.set(told.device, sequence);
    const report = toldBoard({ ...told, sequence });
    const taken = takeReport(this.ledger, report, { nowMs: this.nowMs, isLive: true });
    if (taken === undefined) return;
    this.#reports.set(taken.row, report);
    const failure = taken.change && boardFailure(this.ledger, taken.change, taken.judgement);
    if (failure !== undefined) this.decisions.push(failure);
    const fleet = this.ledger.groups.describe(need(this.ledger.boards.group[taken.row]))?.fleet;
    if (fleet !== undefined) this.steer(fleet, [taken.row]);
  }

  /** The clock goes on and is looked at. */
  pass(ms: number): void {
    this.nowMs = (this.nowMs + ms) as Millis;
    for (let row = 0; row < this.ledger.boards.count; row += 1) {
      const change = restand(this.ledger, row, this.nowMs);
      const failure = change && boardFailure(this.ledger, change);
      if (failure !== undefined) this.decisions.push(failure);
    }
    for (const fleet of this.ledger.fleets.keys()) this.steer(fleet);
  }

  order(kind: OrderKind): OrderRefusal | undefined {
    const { moved } = worldOf(this.ledger, this.entry(), this.nowMs);
    const taken = takeOrder(kind, this.rollout(), { by: 'ada', reason: 'said so', nowMs: this.nowMs, moved });
    if (!taken.ok) return taken.error;
    this.ledger.rollouts.set(FIELD, taken.value.rollout);
    this.decisions.push(...taken.value.decisions);
    this.steer(FIELD);
    return undefined;
  }

  steer(fleet: Name, rows: Iterable<number> | 'all' = 'all'): void {
    const { plans, decisions } = steer(this.ledger, fleet, { nowMs: this.nowMs, lifetimeMs: WEEK_MS as Millis, rows });
    this.decisions.push(...decisions);
    for (const { record, change } of plans) {
      this.plans.set(record.device, record);
      const failure = change && boardFailure(this.ledger, change);
      if (failure !== undefined) this.decisions.push(failure);
    }
  }

  entry(fleet: Name = FIELD): FleetEntry {
    return need(this.ledger.fleets.get(fleet));
  }

  rollout(fleet: Name = FIELD): Rollout {
    return need(this.ledger.rollouts.get(fleet));
  }

  state(): RolloutState {
    return advance(this.rollout(), worldOf(this.ledger, this.entry(), this.nowMs)).state;
  }

  standing(device: string) {
    const row = [...this.ledger.boards.rows].find(([id]) => id === device)?.[1];
    return standingAt(this.ledger.boards, need(row));
  }

  /** Boards that have a plan for the release. */
  planned(release: string): readonly string[] {
    return [...this.plans.values()]
      .filter(plan => plan.release === release)
      .map(({ device }) => String(device))
      .sort();
  }

  kinds(): readonly string[] {
    return this.decisions.map(({ kind }) => kind);
  }
}
