// Of which rollouts there is something to tell on the forge: the newest of every fleet, and of those before it the ones whose
// end was not told to its end.

import type { GitCommit, Millis, Name } from '@seatrial/spec';
import type { RolloutId } from '../../domain/decision.ts';
import type { Rollout } from '../../domain/rollout.ts';
import {
  currentProgress,
  type FailedBoard,
  type FleetProgress,
  NO_FAILURES,
  pastProgress,
} from '../../domain/talk/fleet-progress.ts';
import type { PullRequest } from '../../ports/forge.ts';
import type { Desk } from '../desk.ts';
import { failureSample, failuresByRollout, pastSample } from './evidence.ts';
import type { Origins } from './origins.ts';
import type { Proposals } from './proposals.ts';

export interface Subject {
  readonly progress: FleetProgress;
  /** Through which the wish came into the branch. */
  readonly pull: PullRequest | undefined;
  /** False where it is told of in the comment of another only. */
  readonly hasStatus: boolean;
}

export interface SubjectsOptions {
  readonly desk: Desk;
  readonly origins: Origins;
  readonly proposals: Proposals;
}

/** What was told of a rollout so far. */
export type Telling = 'nothing' | 'something' | 'everything';

/** What happened before this is told of only where its beginning was. */
const RECENT_MS = 7 * 86_400_000;
/** What is known of more boards than this is found out anew. */
const MOST_KNOWN = 100_000;

type Failures = ReadonlyMap<RolloutId, readonly FailedBoard[]>;

export class Subjects {
  readonly #options: SubjectsOptions;
  /** Boards that have failed and are back, see evidence.ts. */
  readonly #back = new Set<string>();

  constructor(options: SubjectsOptions) {
    this.#options = options;
  }

  async all(tellingOf: (rollout: RolloutId) => Telling): Promise<readonly Subject[]> {
    const { ledger, store, clock } = this.#options.desk;
    if (this.#back.size > MOST_KNOWN) this.#back.clear();
    const failures = await failuresByRollout(store);
    const subjects: Subject[] = [];
    for (const fleet of [...ledger.rollouts.keys()]) subjects.push(...(await this.#current(fleet, failures)));
    const past = [...ledger.history].flatMap(([fleet, earlier]) => pastOf(earlier, ledger.rollouts.get(fleet)));
    const open = past.filter(({ rollout }) => isOpen(rollout, tellingOf(rollout.id), clock.now()));
    // Rollouts that one commit has begun may share a pull request, and so a comment.
    const commits = new Set(
      [...ledger.rollouts.values(), ...open.map(({ rollout }) => rollout)].map(one => one.gitCommit),
    );
    for (const one of past.filter(({ rollout }) => commits.has(rollout.gitCommit))) {
      subjects.push(await this.#past(one, failures, open.includes(one)));
    }
    return subjects;
  }

  /** None while its boards are being judged for something new. */
  async #current(fleet: Name, failures: Failures): Promise<readonly Subject[]> {
    const { desk, origins, proposals } = this.#options;
    const { ledger } = desk;
    const before = ledger.rollouts.get(fleet);
    if (before === undefined) return [];
    const commit = await this.#commitOf(before);
    const pull = await pullOf(origins, commit, before.startedAtMs);
    const broken = failures.get(before.id) ?? [];
    const sample = broken.length === 0 ? NO_FAILURES : await failureSample(desk, broken, this.#back);
    // From here on nothing is waited for: all of it is of one moment.
    const [entry, rollout] = [ledger.fleets.get(fleet), ledger.rollouts.get(fleet)];
    if (rollout?.id !== before.id || desk.unsettled.has(fleet)) return [];
    const revert = proposals.revertOf(rollout.id);
    const around = { commit, ...(revert && { revert }) };
    const progress =
      entry === undefined
        ? pastProgress(rollout, { ...around, failures: pastSample(broken) })
        : currentProgress(ledger, entry, rollout, { ...around, failures: sample, nowMs: desk.clock.now() });
    return [{ progress, pull, hasStatus: true }];
  }

  async #past({ rollout, successor }: Past, failures: Failures, hasStatus: boolean): Promise<Subject> {
    const { origins, proposals } = this.#options;
    const commit = await this.#commitOf(rollout);
    const pull = await pullOf(origins, commit, rollout.startedAtMs);
    const revert = proposals.revertOf(rollout.id);
    const around = { commit, failures: pastSample(failures.get(rollout.id) ?? []), ...(revert && { revert }) };
    return { progress: pastProgress(rollout, around, successor), pull, hasStatus };
  }

  #commitOf(rollout: Rollout): Promise<GitCommit> {
    const earlier = this.#options.desk.ledger.history.get(rollout.fleet) ?? [];
    const before = earlier.findLast(({ number }) => number < rollout.number);
    return this.#options.origins.commitOf(rollout, before);
  }
}

interface Past {
  readonly rollout: Rollout;
  readonly successor?: RolloutId;
}

const pastOf = (earlier: readonly Rollout[], current: Rollout | undefined): readonly Past[] =>
  earlier.map((rollout, index) => {
    const successor = earlier[index + 1]?.id ?? current?.id;
    return { rollout, ...(successor && { successor }) };
  });

const isOpen = ({ startedAtMs }: Rollout, telling: Telling, nowMs: Millis): boolean =>
  telling === 'something' || (telling === 'nothing' && nowMs - startedAtMs < RECENT_MS);

const pullOf = async (origins: Origins, commit: GitCommit, sinceMs: Millis): Promise<PullRequest | undefined> =>
  (await origins.pullRequestsOf(commit, sinceMs))[0];
