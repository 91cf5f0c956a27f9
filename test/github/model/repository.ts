// What a repository holds besides its git objects: pull requests, comments, check runs, statuses.

import type { BareRepository } from '../git/bare-repository.ts';
import type { Account, App } from './accounts.ts';

export interface Repository {
  readonly id: number;
  readonly owner: Account;
  readonly name: string;
  readonly git: BareRepository;
  readonly defaultBranch: string;
  readonly isPrivate: boolean;
  /** Where it is a fork. */
  readonly parent: Repository | undefined;
  readonly createdAtMs: number;
  pushedAtMs: number;
  /** Who may write, by login. */
  readonly collaborators: Map<string, 'read' | 'write' | 'admin'>;
  readonly pulls: Map<number, PullRequest>;
  readonly comments: Map<number, Comment>;
  readonly checkRuns: Map<number, CheckRun>;
  readonly suites: CheckSuite[];
  readonly statuses: Status[];
  readonly labels: Map<string, Label>;
  /** Of pull requests and issues. */
  lastNumber: number;
}

export const fullName = ({ owner, name }: Pick<Repository, 'owner' | 'name'>): string => `${owner.login}/${name}`;

export interface PullRequest {
  readonly id: number;
  readonly number: number;
  readonly repository: Repository;
  readonly author: Account;
  readonly head: { readonly repository: Repository; readonly branch: string; sha: string };
  /** As it was when the head moved last: GitHub does not follow the branch. */
  readonly base: { branch: string; sha: string };
  title: string;
  body: string | undefined;
  state: 'open' | 'closed';
  isDraft: boolean;
  readonly createdAtMs: number;
  updatedAtMs: number;
  closedAtMs: number | undefined;
  merged: { readonly sha: string; readonly by: Account; readonly atMs: number } | undefined;
  /** Undefined until it has been worked out for this head and this base. */
  mergeability: Mergeability | undefined;
  readonly labels: Set<string>;
  readonly reviews: Review[];
}

export interface Mergeability {
  readonly head: string;
  readonly base: string;
  /** The commit of refs/pull/N/merge; absent where it conflicts. */
  readonly mergeCommit: string | undefined;
}

export interface Review {
  readonly id: number;
  readonly author: Account;
  state: 'APPROVED' | 'CHANGES_REQUESTED' | 'COMMENTED' | 'DISMISSED';
  readonly body: string;
  readonly commit: string;
  readonly atMs: number;
}

export interface Label {
  readonly id: number;
  readonly name: string;
}

export interface Comment {
  readonly id: number;
  readonly pull: PullRequest;
  readonly author: Account;
  readonly app: App | undefined;
  body: string;
  readonly createdAtMs: number;
  updatedAtMs: number;
}

export interface CheckSuite {
  readonly id: number;
  readonly sha: string;
  readonly app: App;
  readonly createdAtMs: number;
}

export interface CheckRun {
  readonly id: number;
  readonly suite: CheckSuite;
  readonly app: App;
  readonly sha: string;
  name: string;
  externalId: string | undefined;
  detailsUrl: string | undefined;
  status: string;
  conclusion: string | undefined;
  startedAtMs: number | undefined;
  completedAtMs: number | undefined;
  output: { title: string | undefined; summary: string | undefined; text: string | undefined };
  readonly annotations: Annotation[];
}

export interface Annotation {
  readonly path: string;
  readonly startLine: number;
  readonly endLine: number;
  readonly startColumn: number | undefined;
  readonly endColumn: number | undefined;
  readonly level: string;
  readonly title: string | undefined;
  readonly message: string;
  readonly rawDetails: string | undefined;
}

export interface Status {
  readonly id: number;
  readonly sha: string;
  readonly context: string;
  readonly state: string;
  readonly description: string | undefined;
  readonly targetUrl: string | undefined;
  readonly creator: Account;
  readonly createdAtMs: number;
}
