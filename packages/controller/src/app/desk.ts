// The desk at which everything is decided: one decision at a time, each a pure change of the ledger, stored before anybody
// hears of it.
//
// INVARIANTS: the ledger changes only inside `decide`, and never while something awaits; what `decide` changed is in the
// store before its promise resolves, before a plan is published, and before a report is acknowledged; after a failed commit
// the same changes are tried again, so memory and store never drift apart.

import { randomUUID } from 'node:crypto';
import type { Clock, Millis, Name } from '@seatrial/spec';
import { backoffMs } from '../domain/backoff.ts';
import { boardFailure } from '../domain/board-failures.ts';
import type { Gift, PlanTerms } from '../domain/give-plan.ts';
import type { Ledger } from '../domain/ledger.ts';
import { steer } from '../domain/steer.ts';
import { errorRow, PortError } from '../errors.ts';
import type { Changes, FleetEvent, Store, StoreMeta } from '../ports/store.ts';
import { Draft } from './draft.ts';
import { Exclusive } from './exclusive.ts';
import { type Problem, problemOf } from './loop.ts';
import { noteClock } from './note-change.ts';

export interface DeskOptions {
  readonly clock: Clock;
  readonly store: Store;
  readonly ledger: Ledger;
  readonly meta: StoreMeta;
  readonly planLifetimeMs: Millis;
  readonly onProblem: (name: string, problem: Problem | undefined) => void;
}

export interface DeskListener {
  readonly onPlans?: () => void;
  readonly onDecisions?: () => void;
  readonly onEvents?: (events: readonly FleetEvent[]) => void;
}

const COMMIT_RETRY = { firstMs: 100, longestMs: 10_000 };

export class Desk {
  readonly ledger: Ledger;
  readonly store: Store;
  readonly clock: Clock;
  /** Fleets whose boards are being judged for something new: nobody is let in before that is done. */
  readonly unsettled = new Set<Name>();
  /** While false, nothing is decided about rollouts: the record of what was decided is in doubt. */
  mayDecide = false;
  /**
   * Part of every decision's id: a database that was restored from a backup counts again from where the backup was, and
   * its new decisions must not be taken for those that the audit branch has under the same numbers.
   */
  readonly #session = randomUUID().slice(0, 8);
  #meta: StoreMeta;
  #stopped = false;
  readonly #options: DeskOptions;
  readonly #exclusive = new Exclusive();
  readonly #listeners: DeskListener[] = [];

  constructor(options: DeskOptions) {
    this.#options = options;
    this.#meta = options.meta;
    this.ledger = options.ledger;
    this.store = options.store;
    this.clock = options.clock;
  }

  get meta(): StoreMeta {
    return this.#meta;
  }

  listen(listener: DeskListener): void {
    this.#listeners.push(listener);
  }

  /** Lets `change` alter the ledger and note what follows from it; steers the fleets that it named; stores it all. */
  decide<T>(change: (draft: Draft) => T): Promise<T> {
    return this.#exclusive.run(async () => {
      const draft = this.#draft();
      const result = change(draft);
      this.#steerAll(draft);
      await this.#commit(draft.changes());
      this.#announce(draft);
      return result;
    });
  }

  /** Stores what needs no decision, such as that a plan was published. */
  note(changes: Changes): Promise<void> {
    return this.#exclusive.run(() => this.#commit(changes));
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#exclusive.idle();
  }

  #draft(): Draft {
    const { id, decisions, lastEvent } = this.#meta;
    return new Draft(this.clock.now(), { decisionIds: `${id}-${this.#session}`, decisions, lastEvent });
  }

  #steerAll(draft: Draft): void {
    if (!this.mayDecide) return;
    const terms: PlanTerms = { nowMs: draft.nowMs, lifetimeMs: this.#options.planLifetimeMs };
    for (const [fleet, rows] of draft.fleets) {
      if (this.unsettled.has(fleet)) continue;
      const { plans, decisions, rollouts } = steer(this.ledger, fleet, { ...terms, rows });
      for (const gift of plans) this.#noteGift(draft, gift);
      for (const rollout of rollouts) draft.rollouts.set(rollout.id, rollout);
      for (const decision of decisions) draft.decide(decision);
    }
  }

  #noteGift(draft: Draft, gift: Gift): void {
    draft.gifts.push(gift);
    noteClock(this.ledger, draft, gift.row);
    const failure = gift.change && boardFailure(this.ledger, gift.change);
    if (failure !== undefined) draft.decide(failure);
  }

  async #commit(changes: Changes): Promise<void> {
    if (Object.keys(changes).length === 0) return;
    for (let failures = 1; ; failures += 1) {
      try {
        await this.store.commit(changes);
        this.#meta = { ...this.#meta, ...changes.meta };
        this.#options.onProblem('store', undefined);
        return;
      } catch (error) {
        this.#options.onProblem('store', problemOf(error));
        const isPassing = error instanceof PortError && errorRow(error.code).class === 'transient';
        if (!isPassing || this.#stopped) throw error;
        await new Promise(resolve => setTimeout(resolve, backoffMs(COMMIT_RETRY, failures, 1)));
      }
    }
  }

  #announce({ gifts, decisions, events }: Draft): void {
    for (const listener of this.#listeners) {
      if (gifts.length > 0) listener.onPlans?.();
      if (decisions.length > 0) listener.onDecisions?.();
      if (events.length > 0) listener.onEvents?.(events);
    }
  }
}
