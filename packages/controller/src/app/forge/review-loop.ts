// Before the merge: every open pull request is reviewed against the branch as it is and the boards as they are, and says so
// in a check on its head and in one comment.
//
// INVARIANTS: one look at a time; what is told is about the head that was fetched, and is told only while that is still the
// head of an open pull request; whatever a pull request holds, it can spoil no other's review and no part of the controller.

import { type GitCommit, type Millis, sha256Hex } from '@seatrial/spec';
import { type ControllerErrorCode, PortError } from '../../errors.ts';
import type { ArtifactIndex } from '../../ports/artifact-index.ts';
import type { PullRequest } from '../../ports/forge.ts';
import { REVIEW_MARKER } from '../../review/index.ts';
import type { LoopOutcome } from '../loop.ts';
import { capsuleLookup } from './indexed-capsules.ts';
import { PullSides } from './pull-sides.ts';
import { CHECK_NAME, pullWords } from './pull-words.ts';
import { type Outcome, type PullAt, type PullReviewOptions, reviewPull } from './review-pull.ts';

export interface ReviewerOptions extends Omit<PullReviewOptions, 'sides' | 'capsules'> {
  /** Absent where no place is configured in which builds put things. */
  readonly index?: ArtifactIndex | undefined;
  readonly now: () => Millis;
  readonly pollMs: number;
  /** After this a review is made anew, because boards may have moved. */
  readonly refreshMs: number;
  readonly log: (line: string) => void;
}

interface Seen {
  /** Head and base. */
  readonly at: string;
  readonly atMs: Millis;
  /** Of what people had said, where the verdict depends on it: that can change at any time, and moves neither. */
  readonly heard: string | undefined;
  /** Of what was told, but for the times in it. */
  readonly digest: string;
  readonly toldAtMs: Millis;
  readonly failures: number;
}

/** What a pull request can bring about by itself. Everything else is ours, and the loop waits for it to heal. */
const ITS_OWN: ReadonlySet<ControllerErrorCode> = new Set([
  'git-failed',
  'git-timeout',
  'git-unreachable',
  'forge-missing',
  'forge-rejected',
]);
const isItsOwn = (error: unknown): error is PortError => error instanceof PortError && ITS_OWN.has(error.code);

/** Then the others would fare no better. */
const isOutage = (error: unknown): boolean =>
  error instanceof PortError && (error.code === 'forge-unreachable' || error.code === 'forge-rate-limited');

function orUnlessItsOwn(error: unknown): false {
  if (isItsOwn(error)) return false;
  throw error;
}

/** A network that fails between two commands looks the same as commits that can not be fetched. */
const FAILURES_BEFORE_TOLD = 3;
/** Texts whose times alone have changed are told again only after this. */
const TOLD_FOR_MS = 6 * 3_600_000;

export class Reviewer {
  readonly #options: ReviewerOptions;
  readonly #seen = new Map<number, Seen>();
  #mustForget = false;

  constructor(options: ReviewerOptions) {
    this.#options = options;
  }

  /** Everything is reviewed anew with the next look; the one in progress goes on with what it knows. */
  forget(): void {
    this.#mustForget = true;
  }

  async look(): Promise<LoopOutcome> {
    const { forge, git, pollMs } = this.#options;
    if (this.#mustForget) this.#seen.clear();
    this.#mustForget = false;
    const pulls = await forge.pullRequests();
    const numbers = pulls.map(({ number }) => number);
    for (const number of this.#seen.keys()) if (!numbers.includes(number)) this.#seen.delete(number);
    await git.keepOnly(numbers);
    if (pulls.length > 0) await this.#lookAtAll(pulls, numbers);
    return { kind: 'again', afterMs: pollMs };
  }

  async #lookAtAll(pulls: readonly PullRequest[], numbers: readonly number[]): Promise<void> {
    const { git, directory, now, index, log } = this.#options;
    const { base, heads } = await git.look(numbers);
    // What all reviews of this look have in common, and is let go with it.
    const sides = new PullSides(git, { directory, nowMs: now() });
    const shared = { ...this.#options, sides, capsules: capsuleLookup(index, log) };
    const failures: unknown[] = [];
    for (const pull of pulls) {
      const head = heads.get(pull.number);
      if (head === undefined) continue;
      await this.#lookAtOne(shared, pull, { head, base }).catch((error: unknown) => {
        if (isOutage(error)) throw error;
        failures.push(error);
      });
    }
    if (failures.length > 0) throw failures[0];
  }

  async #lookAtOne(
    shared: PullReviewOptions,
    pull: PullRequest,
    { head, base }: { readonly head: GitCommit; readonly base: GitCommit },
  ): Promise<void> {
    const { git, now, log } = this.#options;
    try {
      if (!(await this.#isDue(pull.number, `${head} ${base}`))) return;
      const at = { pull, head: await git.take(pull.number), base, nowMs: now() };
      await this.#tell(at, await reviewPull(shared, at));
    } catch (error) {
      if (!isItsOwn(error)) throw error;
      log(`pull request ${pull.number}: ${error.code}: ${error.message}`);
      await this.#noteFailure({ pull, head, base, nowMs: now() }, error);
    }
  }

  async #isDue(number: number, at: string): Promise<boolean> {
    const { forge, now, refreshMs } = this.#options;
    const seen = this.#seen.get(number);
    if (seen === undefined || seen.at !== at || seen.failures > 0 || now() - seen.atMs >= refreshMs) return true;
    return seen.heard !== undefined && seen.heard !== digestOf(await forge.reviews(number));
  }

  /** A failure that stays is told on the pull request, where that can be; then it is left until something changes. */
  async #noteFailure(at: PullAt, problem: PortError): Promise<void> {
    const before = this.#seen.get(at.pull.number);
    const failures = (before?.failures ?? 0) + 1;
    const stays = failures >= FAILURES_BEFORE_TOLD;
    if (stays && !problem.code.startsWith('forge-')) {
      const isTold = await this.#tell(at, { kind: 'unreadable', problem }).then(() => true, orUnlessItsOwn);
      if (isTold) return;
    }
    const told = { digest: before?.digest ?? '', toldAtMs: before?.toldAtMs ?? at.nowMs };
    this.#see(at, { ...told, heard: undefined, failures: stays ? 0 : failures });
  }

  async #tell(at: PullAt, outcome: Outcome): Promise<void> {
    const digest = `${at.head} ${digestOf(saidOf(outcome))}`;
    const heard = outcome.kind === 'reviewed' && outcome.heard !== undefined ? digestOf(outcome.heard) : undefined;
    const before = this.#seen.get(at.pull.number);
    const isTold = before?.digest === digest && at.nowMs - before.toldAtMs < TOLD_FOR_MS;
    if (!isTold && !(await this.#say(at, outcome))) return void this.#seen.delete(at.pull.number);
    this.#see(at, { heard, digest, toldAtMs: isTold ? before.toldAtMs : at.nowMs, failures: 0 });
  }

  /** False when the pull request was merged, closed or pushed to in the meantime: others speak now, or the next look does. */
  async #say({ pull: { number }, head }: PullAt, outcome: Outcome): Promise<boolean> {
    const { forge } = this.#options;
    const pull = await forge.pullRequest(number);
    if (pull.state !== 'open' || pull.head !== head) return false;
    const words = pullWords(outcome, await forge.textUrl(pull));
    await forge.putCheck({ ...words.check, commit: head, name: CHECK_NAME });
    const where = words.isWorthAComment ? 'anywhere' : 'inPlace';
    await forge.putComment(number, { marker: REVIEW_MARKER, body: words.comment, where });
    return true;
  }

  #see({ pull, head, base, nowMs }: PullAt, said: Omit<Seen, 'at' | 'atMs'>): void {
    this.#seen.set(pull.number, { at: `${head} ${base}`, atMs: nowMs, ...said });
  }
}

const TIMES: ReadonlySet<string> = new Set(['startsMs', 'endsMs', 'earliestEndMs', 'takenAtMs']);

/** What a failure was this time is no news. */
const saidOf = (outcome: Outcome): unknown =>
  outcome.kind === 'unreadable' ? { kind: outcome.kind, code: outcome.problem.code } : outcome;

/** Of everything but the times, which move with every look. */
const digestOf = (said: unknown): string =>
  sha256Hex(Buffer.from(JSON.stringify(said, (key, value: unknown) => (TIMES.has(key) ? undefined : value))));
