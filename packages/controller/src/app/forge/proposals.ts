// What was decided about pull requests of ours, as the store and so the audit branch have it.

import type { Name } from '@seatrial/spec';
import type { Decision, RolloutId } from '../../domain/decision.ts';
import type { Store } from '../../ports/store.ts';

type Proposed = Extract<Decision, { kind: 'revert-proposed' }>;
type Bump = Extract<Decision, { kind: 'bump-proposed' }>;
type Wanted = Extract<Decision, { kind: 'revert-wanted' }>;

const MOST = 10_000;

export class Proposals {
  readonly #store: Store;
  #wanted = new Map<RolloutId, Wanted>();
  #reverts = new Map<RolloutId, Proposed>();
  #closed: ReadonlySet<RolloutId> = new Set();
  #bumps: readonly Bump[] = [];

  constructor(store: Store) {
    this.#store = store;
  }

  /** Reads them anew: the audit branch may have brought some that this database did not know. */
  async refresh(): Promise<void> {
    this.#wanted = byRollout(await this.#read('revert-wanted'));
    this.#reverts = byRollout(await this.#read('revert-proposed'));
    const ended = [...(await this.#read('revert-impossible')), ...(await this.#read('revert-withdrawn'))];
    this.#closed = new Set(ended.map(({ rollout }) => rollout));
    this.#bumps = await this.#read('bump-proposed');
  }

  wantsRevert = (rollout: RolloutId): boolean => this.#wanted.has(rollout);
  revertOf = (rollout: RolloutId): Proposed | undefined => this.#reverts.get(rollout);
  /** Every one that was not withdrawn. */
  get reverts(): readonly Proposed[] {
    return [...this.#reverts.values()].filter(({ rollout }) => !this.#closed.has(rollout));
  }
  /** There is no way back, or it was withdrawn. */
  isClosed = (rollout: RolloutId): boolean => this.#closed.has(rollout);
  /** It was, in another pull request than the given one. */
  isBumpProposed = (fleet: Name, release: Name, number?: number): boolean =>
    this.#bumps.some(bump => bump.fleet === fleet && bump.release === release && bump.number !== number);

  async #read<K extends Decision['kind']>(kind: K): Promise<readonly Extract<Decision, { kind: K }>[]> {
    const recorded = [...(await this.#store.decisions(kind, MOST))].sort((a, b) => a.atMs - b.atMs);
    return recorded.flatMap(({ decision }) => (isOfKind(decision, kind) ? [decision] : []));
  }
}

const isOfKind = <K extends Decision['kind']>(
  decision: Decision,
  kind: K,
): decision is Extract<Decision, { kind: K }> => decision.kind === kind;

const byRollout = <D extends { readonly rollout: RolloutId }>(decisions: readonly D[]): Map<RolloutId, D> =>
  new Map(decisions.map(decision => [decision.rollout, decision]));
