// A forge in memory: branches, pull requests, reviews, teams, comments and statuses, with people who close and push, and with
// answers that get lost at the worst moment.

import { type GitCommit, type Millis, millis, sha256Hex } from '@seatrial/spec';
import { PortError } from '../../src/errors.ts';
import type {
  CommitStatus,
  Forge,
  ProposedCommit,
  ProposedPullRequest,
  PullRequest,
  Review,
} from '../../src/ports/forge.ts';
import { NOW_MS } from './told-board.ts';

/** What becomes of a call: nothing is done, or all of it and nobody hears. */
export type Fault = 'is lost' | 'is done unheard';

export interface Written extends ProposedCommit {
  readonly commit: GitCommit;
}

export class MemoryForge implements Forge {
  /** By number, from 1. */
  readonly pulls: PullRequest[] = [];
  readonly bodies = new Map<number, ProposedPullRequest>();
  readonly branches = new Map<string, Written>();
  readonly written: Written[] = [];
  readonly statuses: CommitStatus[] = [];
  /** By pull request: the text that stands there, and how often it was changed. */
  readonly comments = new Map<number, { readonly body: string; readonly edits: number }>();
  readonly given = new Map<number, Review[]>();
  /** `team login`. */
  readonly members = new Set<string>();
  /** Pull requests by the commit that they came in as. */
  readonly cameAs = new Map<GitCommit, number>();
  calls = 0;
  /** Statuses and comments that were put, whether or not they changed anything. */
  puts = 0;
  #faultAt: { readonly call: number; readonly fault: Fault } | undefined;

  /** The n-th call from now, from 1, meets with it. */
  fail(n: number, fault: Fault): void {
    this.#faultAt = { call: this.calls + n, fault };
  }

  /* ---- What people do ---- */

  open(pull: Partial<PullRequest> = {}): PullRequest {
    const number = this.pulls.length + 1;
    const opened: PullRequest = {
      number,
      url: `https://forge.example/pull/${number}`,
      title: 'Change the fleet',
      author: 'ada',
      state: 'open',
      isDraft: false,
      head: commitOf(`head ${number}`),
      headBranch: `change-${number}`,
      isFork: false,
      base: commitOf('base'),
      baseBranch: 'main',
      updatedAtMs: millis(NOW_MS),
      ...pull,
    };
    this.pulls.push(opened);
    return opened;
  }

  change(number: number, changes: Partial<PullRequest>): void {
    const at = this.pulls.findIndex(pull => pull.number === number);
    const pull = this.pulls[at];
    if (pull !== undefined) this.pulls[at] = { ...pull, ...changes };
  }

  close = (number: number): void => this.change(number, { state: 'closed' });
  merge(number: number, mergedAs: GitCommit): void {
    this.change(number, { state: 'merged', mergedAs });
    this.cameAs.set(mergedAs, number);
  }

  /** Somebody adds a commit of their own to a branch of ours. */
  push(branch: string): void {
    const before = this.branches.get(branch);
    if (before === undefined) return;
    const commit = commitOf(`${branch} by a person ${this.calls}`);
    this.branches.set(branch, { ...before, commit });
    for (const { number, headBranch, state } of this.pulls) {
      if (headBranch === branch && state === 'open') this.change(number, { head: commit });
    }
  }

  review(number: number, review: Partial<Review> & Pick<Review, 'by'>): void {
    const commit = this.pulls[number - 1]?.head ?? commitOf('');
    this.given.set(number, [
      ...(this.given.get(number) ?? []),
      { verdict: 'approved', commit, atMs: millis(NOW_MS), ...review },
    ]);
  }

  /* ---- What the controller does ---- */

  pullRequests = () => this.#call(() => this.pulls.filter(({ state }) => state === 'open'));
  pullRequest = (number: number) => this.#call(() => present(this.pulls[number - 1], `#${number}`));
  reviews = (number: number) => this.#call(() => this.given.get(number) ?? []);
  isMember = (team: string, login: string) => this.#call(() => this.members.has(`${team} ${login}`));
  putCheck = () => this.#call(() => {});
  pullRequestsOf = (commit: GitCommit) =>
    this.#call(() => {
      const number = this.cameAs.get(commit);
      return number === undefined ? [] : [present(this.pulls[number - 1], `#${number}`)];
    });

  textUrl = async () => undefined;

  putComment = (number: number, { body }: { readonly marker: string; readonly body: string }) =>
    this.#call(() => {
      this.puts += 1;
      const before = this.comments.get(number);
      if (before?.body !== body) this.comments.set(number, { body, edits: (before?.edits ?? 0) + 1 });
    });

  putStatus = (status: CommitStatus) =>
    this.#call(() => {
      this.puts += 1;
      const newest = this.statuses.findLast(one => one.commit === status.commit && one.context === status.context);
      if (JSON.stringify(newest) !== JSON.stringify(status)) this.statuses.push(status);
    });

  putCommit = (proposed: ProposedCommit) =>
    this.#call(() => {
      const { branch, onto, message, files } = proposed;
      const named = [...files].map(([path, bytes]) => `${path} ${bytes === undefined ? '' : sha256Hex(bytes)}`);
      const commit = commitOf([onto, message, ...named].join('\n'));
      if (this.branches.get(branch)?.commit === commit) return commit;
      this.branches.set(branch, { ...proposed, commit });
      this.written.push({ ...proposed, commit });
      for (const { number, headBranch, state } of this.pulls) {
        if (headBranch === branch && state === 'open') this.change(number, { head: commit });
      }
      return commit;
    });

  findPullRequest = (branch: string) =>
    this.#call(() => {
      const all = this.pulls.filter(({ headBranch }) => headBranch === branch);
      return all.find(({ state }) => state === 'open') ?? all.at(-1);
    });

  putPullRequest = (proposal: ProposedPullRequest) =>
    this.#call(() => {
      const { branch, title } = proposal;
      const { commit } = present(this.branches.get(branch), branch);
      const open = this.pulls.find(({ headBranch, state }) => headBranch === branch && state === 'open');
      if (open !== undefined) this.change(open.number, { title });
      const { number } = open ?? this.open({ title, headBranch: branch, head: commit, author: 'seatrial[bot]' });
      this.bodies.set(number, proposal);
      return present(this.pulls[number - 1], branch);
    });

  deleteBranch = (branch: string) =>
    this.#call(() => {
      this.branches.delete(branch);
      for (const { number, headBranch, state } of this.pulls) {
        if (headBranch === branch && state === 'open') this.close(number);
      }
    });

  async #call<T>(work: () => T): Promise<T> {
    this.calls += 1;
    const fault = this.#faultAt?.call === this.calls ? this.#faultAt.fault : undefined;
    if (fault === 'is lost') throw new PortError('forge-unreachable', 'memory');
    const result = work();
    if (fault === 'is done unheard') throw new PortError('forge-unreachable', 'memory');
    return result;
  }
}

export const commitOf = (text: string): GitCommit => sha256Hex(text).slice(0, 40) as unknown as GitCommit; // forty hex digits
export const moment = (ms: number): Millis => millis(NOW_MS + ms);

function present<T>(value: T | undefined, element: string): T {
  if (value === undefined) throw new PortError('forge-missing', element);
  return value;
}
