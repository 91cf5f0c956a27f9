// Decisions onto the audit branch, in order, each once; and what the branch says back into the ledger at the start.

import type { Name } from '@seatrial/spec';
import { failuresTold } from '../domain/board-failures.ts';
import type { RecordedDecision } from '../domain/decision.ts';
import type { Ledger } from '../domain/ledger.ts';
import type { Rollout } from '../domain/rollout.ts';
import type { AuditHistory, AuditLog, AuditRecord } from '../ports/audit-log.ts';
import type { Desk } from './desk.ts';
import type { LoopOutcome } from './loop.ts';

const BATCH = 500;

export class Auditor {
  readonly #desk: Desk;
  readonly #log: AuditLog;
  /** False until the branch has been read, and again after a push that may or may not have arrived. */
  #isInStep = false;

  constructor(desk: Desk, log: AuditLog) {
    this.#desk = desk;
    this.#log = log;
  }

  /** Reads the branch when in doubt, then records what is not on it yet. */
  async keepUp(): Promise<LoopOutcome> {
    if (!this.#isInStep) await this.#catchUp();
    const pending = await this.#desk.store.unaudited(BATCH);
    if (pending.length === 0) return { kind: 'done' };
    this.#isInStep = false;
    const auditHead = await this.#log.append(this.#desk.meta.auditHead, recordsOf(pending, this.#desk.ledger));
    await this.#desk.note({ audited: pending.map(({ id }) => id), meta: { auditHead } });
    this.#isInStep = true;
    return { kind: 'again', afterMs: 0 };
  }

  /**
   * Takes over what the branch holds beyond what this database knows: decisions of ours whose push was not confirmed, and
   * all of them when the database is new or older than the branch.
   */
  async #catchUp(): Promise<void> {
    const history = await this.#log.read(this.#desk.meta.auditHead);
    const known = await this.#desk.store.knownDecisions(history.decisions.map(({ id }) => id));
    const isBehind = history.decisions.some(({ id }) => !known.has(id));
    await this.#desk.decide(draft => {
      if (isBehind) for (const rollout of adopt(this.#desk.ledger, history)) draft.rollouts.set(rollout.id, rollout);
      if (history.head !== undefined) draft.meta = { ...draft.meta, auditHead: history.head };
    });
    await this.#desk.note({ decisions: history.decisions, audited: history.decisions.map(({ id }) => id) });
    this.#isInStep = true;
  }
}

/** The rollouts of the branch replace those of the ledger: where they differ, the ledger's database was older. */
function adopt(
  { rollouts, history, told }: Ledger,
  { rollouts: recorded, decisions }: AuditHistory,
): readonly Rollout[] {
  const byFleet = new Map<Name, Rollout[]>();
  for (const rollout of recorded.toSorted((a, b) => a.number - b.number)) {
    byFleet.set(rollout.fleet, [...(byFleet.get(rollout.fleet) ?? []), rollout]);
  }
  for (const [fleet, all] of byFleet) {
    const newest = all.at(-1);
    if (newest !== undefined) rollouts.set(fleet, newest);
    history.set(fleet, all.slice(0, -1));
  }
  for (const key of failuresTold(decisions)) told.add(key);
  return recorded;
}

/** The last record carries the rollouts as they are now; those before it are their own story. */
function recordsOf(pending: readonly RecordedDecision[], { rollouts, history }: Ledger): readonly AuditRecord[] {
  const current = [...rollouts.values(), ...[...history.values()].flat()];
  const last = new Map(pending.map((recorded, index) => [rolloutIdOf(recorded), index]));
  return pending.map((decision, index) => ({
    decision,
    rollouts: current.filter(({ id }) => last.get(id) === index),
  }));
}

const rolloutIdOf = ({ decision }: RecordedDecision): string => ('rollout' in decision ? decision.rollout : '');
