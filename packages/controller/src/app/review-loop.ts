// Before the merge: every open pull request is reviewed against the branch as it is and the boards as they are, and says so
// in a check on its head and in one comment.
//
// INVARIANTS: one look at a time; what is told is about the head that was fetched, and is told only while that is still the
// head of an open pull request; whatever a pull request holds, it can spoil no other's review and no part of the controller.

import { type GitCommit, type Millis, sha256Hex } from '@seatrial/spec';
import { type ControllerErrorCode, PortError } from '../errors.ts';
import type { PullRequest } from '../ports/forge.ts';
import { REVIEW_MARKER } from '../review/index.ts';
import type { LoopOutcome } from './loop.ts';
import { PullSides } from './pull-sides.ts';
import { CHECK_NAME, pullWords } from './pull-words.ts';
import { type Outcome, type PullAt, type PullReviewOptions, reviewPull } from './review-pull.ts';

export interface ReviewerOptions extends Omit<PullReviewOptions, 'sides'> {
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
  /** People may approve at any time, and that moves neither. */
  readonly awaitsApproval: boolean;
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
    const { git, snapshot, directory, now } = this.#options;
    const { base, heads } = await git.look(numbers);
    // What all reviews of this look have in common, and is let go with it.
    let taken: ReturnType<typeof snapshot> | undefined;
    const shared = {
      ...this.#options,
      sides: new PullSides(git, { directory, nowMs: now() }),
      snapshot: () => {
        taken ??= snapshot();
        return taken;
      },
    };
    for (const pull of pulls) {
      const head = heads.get(pull.number);
      if (head !== undefined && this.#isDue(pull.number, `${head} ${base}`)) await this.#lookAtOne(shared, pull, base);
    }
  }

  #isDue(number: number, at: string): boolean {
    const seen = this.#seen.get(number);
    if (seen === undefined || seen.at !== at || seen.awaitsApproval || seen.failures > 0) return true;
    return this.#options.now() - seen.atMs >= this.#options.refreshMs;
  }

  async #lookAtOne(shared: PullReviewOptions, pull: PullRequest, base: GitCommit): Promise<void> {
    const { git, now, log } = this.#options;
    const before = this.#seen.get(pull.number);
    try {
      const head = await git.take(pull.number);
      const at = { pull, head, base, nowMs: now() };
      await this.#tell(at, await reviewPull(shared, at));
    } catch (error) {
      if (!(error instanceof PortError && ITS_OWN.has(error.code))) throw error;
      log(`pull request ${pull.number}: ${error.code}: ${error.message}`);
      await this.#tellFailure({ pull, head: pull.head, base, nowMs: now() }, error, (before?.failures ?? 0) + 1);
    }
  }

  async #tellFailure(at: PullAt, problem: PortError, failures: number): Promise<void> {
    const isFromForge = problem.code.startsWith('forge-');
    if (failures >= FAILURES_BEFORE_TOLD && !isFromForge) return this.#tell(at, { kind: 'unreadable', problem });
    const { digest, toldAtMs } = this.#seen.get(at.pull.number) ?? { digest: '', toldAtMs: at.nowMs };
    const isGivenUp = failures >= FAILURES_BEFORE_TOLD;
    this.#see(at, { awaitsApproval: false, digest, toldAtMs, failures: isGivenUp ? 0 : failures });
  }

  async #tell(at: PullAt, outcome: Outcome): Promise<void> {
    const digest = digestOf(outcome);
    const awaitsApproval = outcome.kind === 'reviewed' && outcome.review.needsApproval.length > 0;
    const before = this.#seen.get(at.pull.number);
    const isTold = before?.digest === `${at.head} ${digest}` && at.nowMs - before.toldAtMs < TOLD_FOR_MS;
    if (!isTold && !(await this.#say(at, outcome))) return void this.#seen.delete(at.pull.number);
    const toldAtMs = isTold ? before.toldAtMs : at.nowMs;
    this.#see(at, { awaitsApproval, digest: `${at.head} ${digest}`, toldAtMs, failures: 0 });
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

/** Of all that is said but the times, which move with every look. */
const digestOf = (outcome: Outcome): string => {
  const said = outcome.kind === 'unreadable' ? { kind: outcome.kind, code: outcome.problem.code } : outcome;
  return sha256Hex(Buffer.from(JSON.stringify(said, (key, value: unknown) => (TIMES.has(key) ? undefined : value))));
};
