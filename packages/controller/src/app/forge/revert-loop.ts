// The way back: a rollout that its boards have stopped, of a fleet that asks for it, is answered with one pull request that
// puts the fleet back as it was.
//
// INVARIANTS: the branch is named after the rollout and looked for before anything is opened, so there is never a second pull
// request for one rollout, whatever is lost in a crash; one that a person has closed is never opened again; a branch to which
// a person has pushed is never written again.

import type { PlanTarget } from '@seatrial/capsule-plan';
import type { Name } from '@seatrial/spec';
import type { RolloutId } from '../../domain/decision.ts';
import type { Changed } from '../../domain/edit/changed.ts';
import type { FleetEntry, Ledger } from '../../domain/ledger.ts';
import type { Rollout } from '../../domain/rollout.ts';
import { goalOf, hasFailed } from '../../domain/way-back/goal.ts';
import {
  REVERT_LABELS,
  type RevertStory,
  revertBody,
  revertBranch,
  revertMessage,
  revertTitle,
} from '../../domain/way-back/revert-text.ts';
import type { Forge, PullRequest } from '../../ports/forge.ts';
import type { Desk } from '../desk.ts';
import type { LoopOutcome } from '../loop.ts';
import { failuresByRollout, stuckBoards } from './evidence.ts';
import type { ForgeMemory } from './memory.ts';
import type { OwnBranches } from './own-branches.ts';
import type { Proposals } from './proposals.ts';
import type { Restoration, Restored, Restorer } from './restorer.ts';

export interface RevertOptions {
  readonly desk: Desk;
  readonly forge: Forge;
  readonly restorer: Restorer;
  readonly proposals: Proposals;
  readonly memory: ForgeMemory;
  readonly branches: OwnBranches;
  /** Paths in the fleet's directory into paths from the root of the repository. */
  readonly fromRoot: (files: Changed) => Changed;
  readonly pollMs: number;
}

export class WayBack {
  readonly #options: RevertOptions;

  constructor(options: RevertOptions) {
    this.#options = options;
  }

  async look(): Promise<LoopOutcome> {
    const { desk, proposals, pollMs } = this.#options;
    if (!desk.mayDecide) return { kind: 'again', afterMs: pollMs };
    await proposals.refresh();
    for (const rollout of this.#stopped()) await this.#answer(rollout);
    for (const proposed of proposals.reverts) await this.#withdrawIfDone(proposed);
    return { kind: 'again', afterMs: pollMs };
  }

  /** Newest rollouts that wait for a decision about going back. */
  #stopped(): readonly Rollout[] {
    const { desk, proposals } = this.#options;
    return [...desk.ledger.rollouts.values()].filter(
      rollout =>
        rollout.outcome === undefined &&
        hasFailed(rollout) &&
        proposals.wantsRevert(rollout.id) &&
        !proposals.isClosed(rollout.id),
    );
  }

  async #answer(rollout: Rollout): Promise<void> {
    if (await this.#isOver(rollout.id)) return;
    const { forge, branches, proposals } = this.#options;
    const found = await forge.findPullRequest(revertBranch(rollout));
    if (found === undefined) {
      if (proposals.revertOf(rollout.id) === undefined) await this.#propose(rollout);
      return;
    }
    if (proposals.revertOf(rollout.id) === undefined) await this.#decideProposed(rollout, found);
    if (found.state !== 'open') await this.#end(rollout.id);
    else if (await branches.isOurs(found)) await this.#keepUp(rollout);
  }

  /* ---- Opening it ---- */

  async #propose(rollout: Rollout): Promise<void> {
    const { forge } = this.#options;
    const restored = await this.#restore(rollout);
    if (restored === undefined) return;
    if (restored.kind === 'impossible') return this.#decideImpossible(rollout, restored.message);
    const story = await this.#storyOf(rollout, restored);
    await this.#commit(rollout, restored, story);
    const opened = await forge.putPullRequest({
      branch: revertBranch(rollout),
      title: revertTitle(story),
      body: revertBody(story),
      labels: REVERT_LABELS,
    });
    await this.#decideProposed(rollout, opened);
  }

  /** The branch has moved on: the pull request stays mergeable at once. Its text stays what it was when it was opened. */
  async #keepUp(rollout: Rollout): Promise<void> {
    const { desk, branches } = this.#options;
    if ((await branches.base(revertBranch(rollout))) === desk.meta.goodCommit) return;
    const restored = await this.#restore(rollout);
    if (restored?.kind === 'restored') await this.#commit(rollout, restored, await this.#storyOf(rollout, restored));
  }

  #commit(rollout: Rollout, { onto, files }: Restored, story: RevertStory): Promise<void> {
    const { branches, fromRoot } = this.#options;
    const branch = revertBranch(rollout);
    return branches.write({ branch, onto, message: revertMessage(story), files: fromRoot(files) });
  }

  async #restore(rollout: Rollout): Promise<Restoration | undefined> {
    const { desk, restorer } = this.#options;
    const goal = goalOf(rollout, earlierOf(desk.ledger, rollout));
    if (goal === undefined)
      return { kind: 'impossible', message: 'no earlier release of this fleet is known to be good' };
    const head = desk.meta.goodCommit;
    return head && restorer.restore(head, rollout, goal);
  }

  async #storyOf(rollout: Rollout, restored: Restored): Promise<RevertStory> {
    const { desk } = this.#options;
    const { asOf, release, isReleaseOnly } = restored;
    const entry = desk.ledger.fleets.get(rollout.fleet);
    const failures = (await failuresByRollout(desk.store)).get(rollout.id) ?? [];
    const stuck =
      entry === undefined ? NOBODY : await stuckBoards(desk, { rollout, entry, target: targetOf(entry, restored) });
    return { rollout, release, asOf, failures, stuck, isReleaseOnly, message: rollout.pause?.message ?? '' };
  }

  /* ---- Its end ---- */

  /** The fleet wants something else by now: an open pull request would take that back. Deleting its branch closes it. */
  async #withdrawIfDone({ fleet, rollout: id, number, url }: Proposals['reverts'][number]): Promise<void> {
    const { desk, forge, branches, memory, proposals } = this.#options;
    const ended = rolloutOf(desk.ledger, fleet, id);
    if (ended?.outcome === undefined || (await this.#isOver(id))) return;
    const found = await forge.findPullRequest(revertBranch(ended));
    const isOurs = found?.state === 'open' && (await branches.isOurs(found));
    if (isOurs) {
      // Noted first: a branch whose deletion was not heard of is found closed.
      await memory.note(topicOf(id), WITHDRAWING);
      await forge.deleteBranch(revertBranch(ended));
    }
    if ((await memory.get(topicOf(id)))?.digest === WITHDRAWING) {
      const message = `${id} is ${ended.outcome}`;
      await desk.decide(draft => draft.decide({ kind: 'revert-withdrawn', fleet, rollout: id, number, url, message }));
      await proposals.refresh();
    }
    await this.#end(id);
  }

  /* ---- Records ---- */

  #isOver = async (rollout: RolloutId): Promise<boolean> =>
    (await this.#options.memory.get(topicOf(rollout)))?.isFinal === true;
  #end = (rollout: RolloutId): Promise<unknown> => this.#options.memory.note(topicOf(rollout), '', true);

  async #decideProposed(rollout: Rollout, { number, url }: PullRequest): Promise<void> {
    const { desk, proposals } = this.#options;
    const { fleet, id } = rollout;
    const release = goalOf(rollout, earlierOf(desk.ledger, rollout))?.release ?? rollout.release;
    await desk.decide(draft => draft.decide({ kind: 'revert-proposed', fleet, rollout: id, release, number, url }));
    await proposals.refresh();
  }

  async #decideImpossible({ fleet, id }: Rollout, message: string): Promise<void> {
    const { desk, proposals } = this.#options;
    await desk.decide(draft => draft.decide({ kind: 'revert-impossible', fleet, rollout: id, message }));
    await proposals.refresh();
  }
}

const NOBODY = { count: 0, first: [] };
const topicOf = (rollout: RolloutId): string => `revert ${rollout}`;
const WITHDRAWING = 'withdrawing';

const earlierOf = ({ history }: Ledger, { fleet, number }: Rollout): readonly Rollout[] =>
  (history.get(fleet) ?? []).filter(earlier => earlier.number < number);

function rolloutOf({ rollouts, history }: Ledger, fleet: Name, id: RolloutId): Rollout | undefined {
  const current = rollouts.get(fleet);
  return current?.id === id ? current : history.get(fleet)?.find(earlier => earlier.id === id);
}

const targetOf = ({ content }: FleetEntry, { payload, payloadHash }: Restored): PlanTarget => ({
  board: content.board,
  policy: content.policy,
  payload,
  payloadHash,
  attempt: 1,
});
