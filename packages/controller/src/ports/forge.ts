// The place where people propose changes to the fleet and talk about them: GitHub today, as far as the controller needs it.

import type { GitCommit, Millis } from '@seatrial/spec';

/**
 * Every method throws PortError: `forge-unreachable` (also an outage of theirs), `forge-rate-limited`, `forge-refused` (token
 * revoked or a permission is missing), `forge-missing` (what was named is gone), `forge-conflict` (somebody was faster: look
 * again). Each `put…` can be repeated: the same content again changes nothing.
 */
export interface Forge {
  /** Open pull requests into the branch that the fleet follows, those longest untouched last. */
  pullRequests(): Promise<readonly PullRequest[]>;
  pullRequest(number: number): Promise<PullRequest>;
  /** The pull requests through which a commit came into the branch; none where it was pushed. */
  pullRequestsOf(commit: GitCommit): Promise<readonly PullRequest[]>;
  reviews(number: number): Promise<readonly Review[]>;
  /** Whether a person belongs to `organisation/team`. */
  isMember(team: string, login: string): Promise<boolean>;

  /** The check run of that name on that commit, as it is to be. */
  putCheck(check: Check): Promise<void>;
  /** Where people read the whole text of a pull request's checks; undefined where checks carry none. */
  textUrl(pull: PullRequest): Promise<string | undefined>;
  /** The one comment of a pull request that begins with its marker: made, or edited in place. Never more than one. */
  putComment(number: number, comment: StickyComment): Promise<void>;
  putStatus(status: CommitStatus): Promise<void>;

  /**
   * One commit that changes files, signed by the forge in the app's name, at the end of `branch`, which is made at `onto` or moved
   * there first. Nothing happens when the branch already holds exactly this change onto `onto`.
   */
  putCommit(commit: ProposedCommit): Promise<GitCommit>;
  /** The pull request of a branch, open or the last one closed. */
  findPullRequest(branch: string): Promise<PullRequest | undefined>;
  /** Opens the pull request of a branch, or edits the open one in place. */
  putPullRequest(proposal: ProposedPullRequest): Promise<PullRequest>;
  deleteBranch(branch: string): Promise<void>;
}

export interface PullRequest {
  readonly number: number;
  readonly url: string;
  readonly title: string;
  readonly author: string;
  readonly state: 'open' | 'merged' | 'closed';
  readonly isDraft: boolean;
  readonly head: GitCommit;
  /** Of the forge's repository, or of somebody's fork. */
  readonly headBranch: string;
  readonly isFork: boolean;
  readonly base: GitCommit;
  readonly baseBranch: string;
  readonly mergedAs?: GitCommit;
  readonly mergedBy?: string;
  readonly updatedAtMs: Millis;
}

export interface Review {
  readonly by: string;
  readonly verdict: 'approved' | 'changesRequested' | 'dismissed' | 'commented';
  /** What was reviewed. */
  readonly commit: GitCommit;
  readonly atMs: Millis;
}

export interface Check {
  readonly commit: GitCommit;
  readonly name: string;
  /** Absent while it is in progress. */
  readonly conclusion?: 'success' | 'neutral' | 'failure' | 'action_required';
  readonly title: string;
  /** Markdown; each is cut by the renderer, never here. */
  readonly summary: string;
  readonly text?: string;
  /** Any number; the adapter sends them in the portions that the forge takes. */
  readonly annotations: readonly CheckAnnotation[];
}

export interface CheckAnnotation {
  /** From the root of the repository. */
  readonly path: string;
  /** From 1. */
  readonly startLine: number;
  readonly endLine: number;
  readonly level: 'notice' | 'warning' | 'failure';
  readonly title: string;
  readonly message: string;
}

export interface StickyComment {
  readonly marker: string;
  /** Begins with the marker. */
  readonly body: string;
  /** `inPlace`: only where there is one already. Anywhere if not given. */
  readonly where?: 'anywhere' | 'inPlace';
}

export interface CommitStatus {
  readonly commit: GitCommit;
  /** `seatrial/<fleet>`. */
  readonly context: string;
  readonly state: 'pending' | 'success' | 'failure' | 'error';
  /** At most 140 characters. */
  readonly description: string;
  readonly url?: string;
}

export interface ProposedCommit {
  readonly branch: string;
  /** The parent. */
  readonly onto: GitCommit;
  readonly message: string;
  /** From the root of the repository; `undefined` deletes. */
  readonly files: ReadonlyMap<string, Uint8Array | undefined>;
}

export interface ProposedPullRequest {
  readonly branch: string;
  readonly title: string;
  readonly body: string;
  readonly labels: readonly string[];
}
