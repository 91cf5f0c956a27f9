// What one decision changes, collected while it is made and stored in one piece.

import type { Millis, Name } from '@seatrial/spec';
import {
  type Decision,
  detailOf,
  deviceOf,
  fleetOf,
  headline,
  orderedBy,
  type RecordedDecision,
} from '../domain/decision.ts';
import type { Gift } from '../domain/give-plan.ts';
import type { Rollout } from '../domain/rollout.ts';
import type {
  Changes,
  FleetEvent,
  StoredClock,
  StoredJudgement,
  StoredPresence,
  StoredReport,
  StoreMeta,
} from '../ports/store.ts';

export type Told = Omit<FleetEvent, 'seq' | 'atMs'>;

/** Where the numbering of events and decisions stands. */
export interface Numbers {
  /** What the id of every decision begins with; its number follows. */
  readonly decisionIds: string;
  readonly decisions: number;
  readonly lastEvent: number;
}

export class Draft {
  readonly nowMs: Millis;
  readonly reports: StoredReport[] = [];
  readonly judgements: StoredJudgement[] = [];
  readonly presences: StoredPresence[] = [];
  readonly clocks: StoredClock[] = [];
  readonly gifts: Gift[] = [];
  readonly rollouts = new Map<string, Rollout>();
  readonly decisions: RecordedDecision[] = [];
  readonly events: FleetEvent[] = [];
  /** Fleets to look after before the draft is stored: some of their rows, or all. */
  readonly fleets = new Map<Name, Set<number> | 'all'>();
  meta: Partial<Omit<StoreMeta, 'id'>> = {};
  readonly #numbers: Numbers;

  constructor(nowMs: Millis, numbers: Numbers) {
    this.nowMs = nowMs;
    this.#numbers = numbers;
  }

  decide(decision: Decision): void {
    const number = this.#numbers.decisions + this.decisions.length + 1;
    this.decisions.push({ id: `${this.#numbers.decisionIds}-${number}`, atMs: this.nowMs, decision });
    const [fleet, device, by] = [fleetOf(decision), deviceOf(decision), orderedBy(decision)];
    const detail = detailOf(decision);
    this.tell({
      kind: decision.kind,
      message: detail === '' ? headline(decision) : `${headline(decision)}: ${detail}`,
      ...(fleet && { fleet }),
      ...(device && { device }),
      ...(by && { by }),
    });
  }

  tell(event: Told): void {
    this.events.push({ seq: this.#numbers.lastEvent + this.events.length + 1, atMs: this.nowMs, ...event });
  }

  lookAfter(fleet: Name, rows: Iterable<number> | 'all'): void {
    const known = this.fleets.get(fleet);
    if (rows === 'all' || known === 'all') this.fleets.set(fleet, 'all');
    else if (known === undefined) this.fleets.set(fleet, new Set(rows));
    else for (const row of rows) known.add(row);
  }

  changes(): Changes {
    const meta = {
      ...this.meta,
      ...(this.decisions.length > 0 && { decisions: this.#numbers.decisions + this.decisions.length }),
      ...(this.events.length > 0 && { lastEvent: this.#numbers.lastEvent + this.events.length }),
    };
    const contents = new Map(this.gifts.map(({ content }) => [content.hash, content]));
    return withoutEmpty({
      meta,
      reports: this.reports,
      judgements: this.judgements,
      presences: this.presences,
      clocks: this.clocks,
      contents: [...contents.values()],
      plans: this.gifts.map(({ record }) => record),
      rollouts: [...this.rollouts.values()],
      decisions: this.decisions,
      events: this.events,
    });
  }
}

/** What stays when nothing changed is an empty object. */
function withoutEmpty(changes: Changes): Changes {
  const full = Object.entries(changes).filter(([, value]: [string, object]) => Object.keys(value).length > 0);
  return Object.fromEntries(full);
}
