// After the merge: the commit status of every fleet on the merged commit, and the sticky comment of the merged pull request,
// moved along with the boards until the rollout is done, or another one has taken its place.
//
// INVARIANTS: what was told is stored after it was told, so a crash in between tells the same again, which changes nothing; a
// rollout is spoken of until its last word stands in its status and in the comment of its pull request, however often the
// controller is started anew and whatever comes after it.

import { type Millis, millis, sha256Hex } from '@seatrial/spec';
import type { RolloutId } from '../../domain/decision.ts';
import type { FleetProgress } from '../../domain/talk/fleet-progress.ts';
import { type Pace, stillCounting, type Utterance, whoseTurn } from '../../domain/talk/pace.ts';
import { progressComment } from '../../domain/talk/progress-comment.ts';
import { REFUSED_CONTEXT, refusedStatus, statusContext, statusOf } from '../../domain/talk/status-text.ts';
import { PortError } from '../../errors.ts';
import type { Forge } from '../../ports/forge.ts';
import type { Told } from '../../ports/store.ts';
import type { LoopOutcome } from '../loop.ts';
import type { ForgeMemory } from './memory.ts';
import { type Subject, Subjects, type SubjectsOptions, type Telling } from './status-subjects.ts';

export interface StatusOptions extends SubjectsOptions {
  readonly forge: Forge;
  readonly memory: ForgeMemory;
  readonly pace: Pace;
  /** With which the sticky comment of a pull request begins. */
  readonly marker: string;
}

interface Speech extends Utterance {
  readonly say: () => Promise<void>;
}

type ToldMap = ReadonlyMap<string, Told>;

/** Only the newest refusal is told of; others may stand around it. */
const MOST_REFUSALS = 10;
const SHORTEST_PAUSE_MS = 10;
/** Last words on pull requests and commits. */
const REMEMBERED_MS = 90 * 86_400_000;

export class StatusTeller {
  readonly #options: StatusOptions;
  readonly #subjects: Subjects;
  #spokenAtMs: readonly Millis[] | undefined;

  constructor(options: StatusOptions) {
    this.#options = options;
    this.#subjects = new Subjects(options);
  }

  async look(): Promise<LoopOutcome> {
    const { desk, memory, pace } = this.#options;
    if (!desk.mayDecide) return { kind: 'again', afterMs: pace.leastMs };
    await this.#options.origins.learn(desk.meta.goodCommit);
    const told = await memory.all();
    this.#spokenAtMs ??= await this.#begin(told);
    const subjects = await this.#subjects.all(rollout => tellingOf(rollout, told));
    const speeches = [...(await this.#refusal()), ...this.#speeches(subjects)];
    const nowMs = desk.clock.now();
    const turn = whoseTurn(speeches, { last: told, atMs: this.#spokenAtMs }, nowMs, pace);
    for (const speech of turn.now) await this.#speak(speech);
    await this.#noteEnds(subjects, speeches, told);
    const nextMs = turn.nextAtMs === undefined ? pace.leastMs : turn.nextAtMs - nowMs;
    return { kind: 'again', afterMs: Math.max(SHORTEST_PAUSE_MS, Math.min(pace.leastMs, nextMs)) };
  }

  /** What was said before a restart still counts; what was said of things that are long over is forgotten. */
  async #begin(told: ToldMap): Promise<readonly Millis[]> {
    const { desk, memory } = this.#options;
    const { rollouts, history } = desk.ledger;
    const known = new Set([...rollouts.values(), ...[...history.values()].flat()].map(({ id }) => id));
    const nowMs = desk.clock.now();
    const atMs = [...told.values()].map(one => one.atMs);
    const isOver = ({ topic, ...one }: Told): boolean =>
      isOfRollout(topic)
        ? !known.has(topic.split(' ')[1] ?? '')
        : isOfPeople(topic) && one.isFinal && nowMs - one.atMs > REMEMBERED_MS;
    await memory.forget([...told.values()].filter(isOver).map(({ topic }) => topic));
    return stillCounting(atMs, nowMs);
  }

  async #speak({ topic, digest, isFinal, say }: Speech): Promise<void> {
    await say().catch(passOverGone);
    const { atMs } = await this.#options.memory.note(topic, digest, isFinal);
    this.#spokenAtMs = [...stillCounting(this.#spokenAtMs ?? [], atMs), atMs];
  }

  /** Nothing more is to be said of a rollout whose last words all stand where they belong. */
  async #noteEnds(subjects: readonly Subject[], speeches: readonly Speech[], told: ToldMap): Promise<void> {
    const wanted = new Map(speeches.map(({ topic, digest }) => [topic, digest]));
    const stands = (topic: string) => told.get(topic)?.digest === wanted.get(topic);
    for (const { progress, pull, hasStatus } of subjects) {
      const { rollout, state } = progress;
      if (!hasStatus || state.kind !== 'done' || told.has(topicOfEnd(rollout))) continue;
      if (stands(topicOfStatus(rollout)) && (pull === undefined || stands(topicOfComment(pull.number)))) {
        await this.#options.memory.note(topicOfEnd(rollout), '', true);
      }
    }
  }

  /* ---- What there is to say ---- */

  #speeches(subjects: readonly Subject[]): readonly Speech[] {
    const comments = new Map<number, FleetProgress[]>();
    for (const { progress, pull } of subjects) {
      if (pull !== undefined) comments.set(pull.number, [...(comments.get(pull.number) ?? []), progress]);
    }
    return [
      ...subjects.filter(({ hasStatus }) => hasStatus).map(({ progress, pull }) => this.#status(progress, pull?.url)),
      ...[...comments].map(([number, fleets]) => this.#comment(number, fleets)),
    ];
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
}

const topicOfStatus = (rollout: RolloutId): string => `status ${rollout}`;
const topicOfEnd = (rollout: RolloutId): string => `end ${rollout}`;
const topicOfComment = (number: number): string => `comment #${number}`;
const isOfRollout = (topic: string): boolean => /^(?:status|end) /.test(topic);
const isOfPeople = (topic: string): boolean => /^(?:comment|refusal) /.test(topic);

function tellingOf(rollout: RolloutId, told: ToldMap): Telling {
  if (told.has(topicOfEnd(rollout))) return 'everything';
  return told.has(topicOfStatus(rollout)) ? 'something' : 'nothing';
}

const digestOf = (text: unknown): string => sha256Hex(JSON.stringify(text)).slice(0, 32);

/** What people have deleted, or pushed away, needs no words any more. */
function passOverGone(error: unknown): void {
  if (error instanceof PortError && (error.code === 'forge-missing' || error.code === 'forge-rejected')) return;
  throw error;
}
