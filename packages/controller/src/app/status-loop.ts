// After the merge: the commit status of every fleet on the merged commit, and the sticky comment of the merged pull request,
// moved along with the boards until the rollout is done, or another one has taken its place.
//
// INVARIANTS: what was told is stored after it was told, so a crash in between tells the same again, which changes nothing;
// a topic whose last word was stored is never spoken of again; the last word of every topic is told, however often the
// controller is started anew.

import { type GitCommit, type Millis, millis, type Name, sha256Hex } from '@seatrial/spec';
import type { RolloutId } from '../domain/decision.ts';
import type { Rollout } from '../domain/rollout.ts';
import {
  currentProgress,
  type FailedBoard,
  type FleetProgress,
  NO_FAILURES,
  pastProgress,
} from '../domain/talk/fleet-progress.ts';
import { type Pace, stillCounting, type Utterance, whoseTurn } from '../domain/talk/pace.ts';
import { progressComment } from '../domain/talk/progress-comment.ts';
import { REFUSED_CONTEXT, refusedStatus, statusContext, statusOf } from '../domain/talk/status-text.ts';
import { PortError } from '../errors.ts';
import type { Forge } from '../ports/forge.ts';
import type { Told } from '../ports/store.ts';
import type { Desk } from './desk.ts';
import { failureSample, failuresByRollout, pastSample } from './evidence.ts';
import type { ForgeMemory } from './forge-memory.ts';
import type { LoopOutcome } from './loop.ts';
import type { Origins } from './origins.ts';
import type { Proposals } from './proposals.ts';

export interface StatusOptions {
  readonly desk: Desk;
  readonly forge: Forge;
  readonly memory: ForgeMemory;
  readonly origins: Origins;
  readonly proposals: Proposals;
  readonly pace: Pace;
  /** With which the sticky comment of a pull request begins. */
  readonly marker: string;
}

/** Only the newest is told of; others may stand around it. */
const MOST_REFUSALS = 10;

/** What is known of more boards than this is found out anew. */
const MOST_KNOWN = 100_000;

interface Speech extends Utterance {
  readonly say: () => Promise<void>;
}

export class StatusTeller {
  readonly #options: StatusOptions;
  #spokenAtMs: readonly Millis[] | undefined;
  /** Boards that have failed and are back, see evidence.ts. */
  readonly #back = new Set<string>();

  constructor(options: StatusOptions) {
    this.#options = options;
  }

  async look(): Promise<LoopOutcome> {
    const { desk, pace } = this.#options;
    const told = await this.#recall();
    const nowMs = desk.clock.now();
    const speeches = desk.mayDecide ? await this.#speeches(told) : [];
    const turn = whoseTurn(speeches, { last: told, atMs: this.#spokenAtMs ?? [] }, nowMs, pace);
    for (const speech of turn.now) await this.#speak(speech);
    const nextMs = turn.nextAtMs === undefined ? pace.leastMs : turn.nextAtMs - nowMs;
    return { kind: 'again', afterMs: Math.max(10, Math.min(pace.leastMs, nextMs)) };
  }

  /** What was said before a restart still counts. */
  async #recall(): Promise<ReadonlyMap<string, Told>> {
    const { desk, memory } = this.#options;
    const told = await memory.all();
    this.#spokenAtMs ??= stillCounting(
      [...told.values()].map(({ atMs }) => atMs),
      desk.clock.now(),
    );
    return told;
  }

  async #speak({ topic, digest, isFinal, say }: Speech): Promise<void> {
    await say().catch(passOverGone);
    const { atMs } = await this.#options.memory.note(topic, digest, isFinal);
    this.#spokenAtMs = [...stillCounting(this.#spokenAtMs ?? [], atMs), atMs];
  }

  /* ---- What there is to say ---- */

  async #speeches(told: ReadonlyMap<string, Told>): Promise<readonly Speech[]> {
    if (this.#back.size > MOST_KNOWN) this.#back.clear();
    const failed = await failuresByRollout(this.#options.desk.store);
    const subjects = await this.#subjects(told, failed);
    const comments = new Map<number, FleetProgress[]>();
    const speeches: Speech[] = [];
    for (const { progress, isOfStatus } of subjects) {
      const [pull] = await this.#options.origins.pullRequestsOf(progress.commit, progress.startedAtMs);
      if (pull !== undefined) comments.set(pull.number, [...(comments.get(pull.number) ?? []), progress]);
      if (isOfStatus) speeches.push(this.#status(progress, pull?.url));
    }
    const said = [...speeches, ...[...comments].map(([number, fleets]) => this.#comment(number, fleets))];
    return [...(await this.#refusal()), ...said].filter(
      ({ topic }) => told.get(topic)?.isFinal !== true || isAlive(topic, subjects),
    );
  }

  /** The newest commit, where it could not be put in force. */
  async #refusal(): Promise<readonly Speech[]> {
    const { desk, forge } = this.#options;
    const recorded = await desk.store.decisions('commit-rejected', MOST_REFUSALS);
    return recorded.flatMap(({ decision, atMs }): readonly Speech[] => {
      if (decision.kind !== 'commit-rejected' || decision.gitCommit !== desk.meta.refusedCommit) return [];
      const { state, description, isFinal } = refusedStatus(decision);
      const status = { commit: decision.gitCommit, context: REFUSED_CONTEXT, state, description };
      const topic = `refusal ${decision.gitCommit}`;
      return [{ topic, digest: digestOf(status), isFinal, sinceMs: atMs, say: () => forge.putStatus(status) }];
    });
  }

  #status(progress: FleetProgress, url: string | undefined): Speech {
    const { state, description, isFinal } = statusOf(progress);
    const context = statusContext(progress.fleet);
    const status = { commit: progress.commit, context, state, description, ...(url !== undefined && { url }) };
    return {
      topic: topicOfStatus(progress.rollout),
      digest: digestOf(status),
      isFinal,
      sinceMs: progress.startedAtMs,
      say: () => this.#options.forge.putStatus(status),
    };
  }

  #comment(number: number, fleets: readonly FleetProgress[]): Speech {
    const { forge, marker } = this.#options;
    const body = progressComment(marker, fleets);
    return {
      topic: topicOfComment(number),
      digest: digestOf(body),
      isFinal: fleets.every(({ state }) => state.kind === 'done'),
      sinceMs: millis(Math.min(...fleets.map(({ startedAtMs }) => startedAtMs))),
      say: () => forge.putComment(number, { marker, body }),
    };
  }

  /* ---- Of whom ---- */

  /** Every fleet's newest rollout; of those before it the ones whose end was not told, and all that share a comment with any of them. */
  async #subjects(
    told: ReadonlyMap<string, Told>,
    failed: ReadonlyMap<string, readonly FailedBoard[]>,
  ): Promise<readonly Subject[]> {
    const { ledger } = this.#options.desk;
    const current = await this.#currentOnes(failed);
    const past = [...ledger.history].flatMap(([fleet, earlier]) => pastOf(fleet, earlier, ledger.rollouts.get(fleet)));
    const unfinished = past.filter(({ rollout, isLast }) => {
      const before = told.get(topicOfStatus(rollout.id));
      return before === undefined ? isLast && rollout.outcome === 'superseded' : !before.isFinal;
    });
    const commits = new Set([...current, ...unfinished].map(({ rollout }) => rollout.gitCommit));
    const sharing = past.filter(one => commits.has(one.rollout.gitCommit));
    const all = new Map([...unfinished, ...sharing].map(one => [one.rollout.id, one]));
    const ended: Subject[] = [];
    for (const one of all.values()) {
      ended.push({ ...one, progress: await this.#pastProgress(one, failed), isOfStatus: unfinished.includes(one) });
    }
    return [...current, ...ended];
  }

  async #currentOnes(failed: ReadonlyMap<string, readonly FailedBoard[]>): Promise<readonly Subject[]> {
    const { desk, proposals } = this.#options;
    const { ledger, store, clock } = desk;
    const subjects: Subject[] = [];
    for (const [fleet, rollout] of ledger.rollouts) {
      const entry = ledger.fleets.get(fleet);
      const commit = await this.#commitOf(rollout);
      const broken = failed.get(rollout.id) ?? [];
      const revert = proposals.revertOf(rollout.id);
      const around = { commit, ...(revert && { revert }) };
      const progress =
        entry === undefined || desk.unsettled.has(fleet)
          ? undefined
          : currentProgress(ledger, entry, rollout, {
              ...around,
              failures: broken.length === 0 ? NO_FAILURES : await failureSample({ ledger, store }, broken, this.#back),
              nowMs: clock.now(),
            });
      if (progress !== undefined) subjects.push({ rollout, progress, isOfStatus: true });
      else if (entry === undefined)
        subjects.push({
          rollout,
          progress: pastProgress(rollout, { ...around, failures: pastSample(broken) }),
          isOfStatus: true,
        });
    }
    return subjects;
  }

  async #pastProgress(
    { rollout, successor }: Past,
    failed: ReadonlyMap<string, readonly FailedBoard[]>,
  ): Promise<FleetProgress> {
    const commit = await this.#commitOf(rollout);
    const revert = this.#options.proposals.revertOf(rollout.id);
    const failures = pastSample(failed.get(rollout.id) ?? []);
    return pastProgress(rollout, { commit, failures, ...(revert && { revert }) }, successor);
  }

  #commitOf(rollout: Rollout): Promise<GitCommit> {
    const earlier = this.#options.desk.ledger.history.get(rollout.fleet) ?? [];
    const before = earlier.findLast(({ number }) => number < rollout.number);
    return this.#options.origins.commitOf(rollout, before);
  }
}

interface Subject {
  readonly rollout: Rollout;
  readonly progress: FleetProgress;
  readonly isOfStatus: boolean;
}

interface Past {
  readonly rollout: Rollout;
  readonly successor?: RolloutId;
  /** The newest of those before. */
  readonly isLast: boolean;
}

const pastOf = (_fleet: Name, earlier: readonly Rollout[], current: Rollout | undefined): readonly Past[] =>
  earlier.map((rollout, index) => {
    const successor = earlier[index + 1]?.id ?? current?.id;
    return { rollout, isLast: index === earlier.length - 1, ...(successor && { successor }) };
  });

export const topicOfStatus = (rollout: RolloutId): string => `status ${rollout}`;
export const topicOfComment = (number: number): string => `comment #${number}`;

/** Boards that come late still count in what is told of the newest rollout, after it is done. */
const isAlive = (topic: string, subjects: readonly Subject[]): boolean =>
  topic.startsWith('comment ') ||
  subjects.some(({ rollout, progress }) => topicOfStatus(rollout.id) === topic && progress.counts !== undefined);

const digestOf = (text: unknown): string => sha256Hex(JSON.stringify(text)).slice(0, 32);

/** What people have deleted, or pushed away, needs no words any more. */
function passOverGone(error: unknown): void {
  if (error instanceof PortError && (error.code === 'forge-missing' || error.code === 'forge-rejected')) return;
  throw error;
}
