// One fleet, one look: which boards get a plan now, and how far its rollout goes. Decides; the caller stores and publishes.

import { InvariantError, type Name } from '@seatrial/spec';
import type { Decision } from './decision.ts';
import { type Gift, lookAfter, type PlanTerms } from './give-plan.ts';
import { type FleetEntry, type Ledger, worldOf } from './ledger.ts';
import { lineUp } from './line-up.ts';
import { advance, boardsLetIn, type Rollout } from './rollout.ts';
import { type Changed, cancel, startRollout, supersede } from './rollout-orders.ts';

export interface Steering {
  readonly plans: readonly Gift[];
  readonly decisions: readonly Decision[];
  /** As they are now, if they changed. */
  readonly rollouts: readonly Rollout[];
}

export interface SteerOptions extends PlanTerms {
  /** The rows that may have changed since the last look. */
  readonly rows: Iterable<number> | 'all';
}

/**
 * Lets boards in, counts, and advances the rollout, until neither changes anything. A report costs the one row that it is
 * about; a stage that opens, and a fleet that changed, cost the boards of the fleet.
 */
export function steer(ledger: Ledger, name: Name, options: SteerOptions): Steering {
  const entry = ledger.fleets.get(name);
  if (entry === undefined) return endRollout(ledger, name);
  const begun = beginRollout(ledger, entry, options);
  const plans: Gift[] = [];
  const decisions = [...begun.decisions];
  let rows = decisions.length === 0 ? options.rows : 'all';
  for (let turn = 0; turn < MOST_TURNS; turn += 1) {
    const given = [...lookAfterBoards(ledger, entry, { ...options, rows })];
    const next = advance(currentRollout(ledger, name), worldOf(ledger, entry, options.nowMs));
    ledger.rollouts.set(name, next.rollout);
    plans.push(...given);
    decisions.push(...next.decisions);
    if (given.length === 0 && next.decisions.length === 0) {
      const rollouts = decisions.length === 0 ? [] : [...begun.ended, next.rollout];
      return { plans, decisions, rollouts };
    }
    if (next.decisions.length > 0) rows = 'all';
  }
  throw new InvariantError(`the rollout of ${name} does not come to rest`);
}

/** Two moves a stage, and at most 32 stages: more is a loop in the rules. */
const MOST_TURNS = 128;

function* lookAfterBoards(ledger: Ledger, entry: FleetEntry, { rows, ...terms }: SteerOptions): Iterable<Gift> {
  if (entry.fleet.suspend) return;
  const rollout = currentRollout(ledger, entry.fleet.name);
  const letIn = boardsLetIn(rollout, worldOf(ledger, entry, terms.nowMs));
  for (const row of rows === 'all' ? rowsOf(entry) : rows) {
    const gift = lookAfter(ledger, row, { ...terms, entry, rollout, letIn });
    if (gift !== undefined) yield gift;
  }
}

export function* rowsOf({ following, pinned }: FleetEntry): Iterable<number> {
  yield* following;
  yield* pinned.keys();
}

/* ---- The beginning and the end ---- */

interface Begun {
  readonly ended: readonly Rollout[];
  readonly decisions: readonly Decision[];
}

/** A fleet that wants another payload than its rollout brings gets a new one. */
function beginRollout(ledger: Ledger, entry: FleetEntry, { nowMs }: PlanTerms): Begun {
  const { name } = entry.fleet;
  const current = ledger.rollouts.get(name);
  if (current !== undefined && serves(current, entry)) return { ended: [], decisions: [] };
  const before = [...(ledger.history.get(name) ?? []), ...(current === undefined ? [] : [current])];
  const { release, gitCommit, following } = entry;
  const started = startRollout({
    fleet: name,
    release: release.name,
    payloadHash: release.payloadHash,
    gitCommit,
    nowMs,
    boards: following.length,
    before,
  });
  const superseded: Changed | undefined = current && supersede(current, started.rollout.id);
  ledger.history.set(name, superseded === undefined ? before : [...before.slice(0, -1), superseded.rollout]);
  ledger.rollouts.set(name, started.rollout);
  lineUp(ledger, entry);
  return {
    ended: superseded === undefined ? [] : [superseded.rollout],
    decisions: [...(superseded?.decisions ?? []), ...started.decisions],
  };
}

const serves = ({ payloadHash, outcome }: Rollout, { release }: FleetEntry): boolean =>
  payloadHash === release.payloadHash && (outcome === undefined || outcome === 'completed');

function endRollout(ledger: Ledger, name: Name): Steering {
  const current = ledger.rollouts.get(name);
  if (current === undefined) return { plans: [], decisions: [], rollouts: [] };
  const { rollout, decisions } = cancel(current);
  ledger.rollouts.set(name, rollout);
  return { plans: [], decisions, rollouts: decisions.length === 0 ? [] : [rollout] };
}

function currentRollout(ledger: Ledger, name: Name): Rollout {
  const rollout = ledger.rollouts.get(name);
  if (rollout === undefined) throw new InvariantError(`fleet ${name} has no rollout`);
  return rollout;
}
