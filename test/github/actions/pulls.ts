// What happens to pull requests: opened, edited, closed, merged through real git.

import { NO_COMMIT } from '../git/bare-repository.ts';
import { writeCommit } from '../git/commits.ts';
import { commitsBetween, mergedTree } from '../git/compare.ts';
import type { Account } from '../model/accounts.ts';
import type { PullRequest, Repository, Review } from '../model/repository.ts';
import type { World } from '../model/world.ts';
import { type Fault, invalid, refusePlainly } from '../refusal.ts';
import { tellLabel, tellPull, tellReview } from './happen.ts';
import { authorOf, gitHubItself } from './repositories.ts';

export interface NewPullRequest {
  readonly repository: Repository;
  readonly author: Account;
  readonly title: string;
  readonly body: string | undefined;
  /** `branch`, or `owner:branch` of a fork. */
  readonly head: string;
  readonly base: string;
  readonly isDraft: boolean;
}

/** Refusals: 422 for a head or base that is not there, nothing between them, or one that is open already. */
export async function openPull(world: World, wanted: NewPullRequest): Promise<PullRequest> {
  const { repository, author } = wanted;
  const head = await findHead(repository, world, wanted.head);
  const base = await repository.git.branch(wanted.base);
  if (head === undefined || base === undefined) throw invalid(fault(head === undefined ? 'head' : 'base', 'invalid'));
  const number = repository.lastNumber + 1;
  await keepHead(repository, number, head);
  const commits = await commitsBetween(repository.git, base, head.sha);
  if (commits.length === 0) throw invalid(custom(`No commits between ${wanted.base} and ${wanted.head}`));
  const open = [...repository.pulls.values()].some(
    other =>
      other.state === 'open' &&
      other.head.repository === head.repository &&
      other.head.branch === head.branch &&
      other.base.branch === wanted.base,
  );
  if (open) throw invalid(custom(`A pull request already exists for ${head.repository.owner.login}:${head.branch}.`));
  repository.lastNumber = number;
  const pull: PullRequest = {
    id: world.nextId(),
    number,
    repository,
    author,
    head,
    base: { branch: wanted.base, sha: base },
    title: wanted.title,
    body: wanted.body,
    state: 'open',
    isDraft: wanted.isDraft,
    createdAtMs: world.clock.nowMs(),
    updatedAtMs: world.clock.nowMs(),
    closedAtMs: undefined,
    merged: undefined,
    mergeability: undefined,
    labels: new Set(),
    reviews: [],
  };
  repository.pulls.set(number, pull);
  await tellPull(world, pull, { action: 'opened', by: author });
  return pull;
}

async function findHead(repository: Repository, world: World, name: string): Promise<PullRequest['head'] | undefined> {
  const [, owner, branch = name] = /^([^:]+):(.+)$/.exec(name) ?? [];
  const where = owner === undefined ? repository : findOf(repository, world, owner);
  const sha = await where?.git.branch(branch);
  return where === undefined || sha === undefined ? undefined : { repository: where, branch, sha };
}

/** The repository itself, or its fork of that owner. */
function findOf(repository: Repository, world: World, owner: string): Repository | undefined {
  if (repository.owner.login.toLowerCase() === owner.toLowerCase()) return repository;
  return [...world.repositories.values()].find(
    ({ parent, owner: { login } }) => parent === repository && login.toLowerCase() === owner.toLowerCase(),
  );
}

/** The head's commits are in the repository itself, under refs/pull/N/head, also those of a fork. */
export async function keepHead(
  { git }: Repository,
  number: number,
  { repository, sha }: PullRequest['head'],
): Promise<void> {
  if (repository.git !== git) await git.git(['fetch', '--quiet', '--no-tags', repository.git.path, sha]);
  await git.setRef(`refs/pull/${number}/head`, sha);
}

/** Merges on trial and keeps the commit under refs/pull/N/merge, as GitHub does in the background. */
export async function workOutMergeability(world: World, pull: PullRequest): Promise<void> {
  const { git } = pull.repository;
  const base = await git.branch(pull.base.branch);
  if (base === undefined || isKnown(pull, base)) return;
  const tree = await mergedTree(git, base, pull.head.sha);
  const mergeCommit = tree === undefined ? undefined : await commitMerge(world, pull, { tree, base, by: pull.author });
  if (mergeCommit !== undefined) await git.setRef(`refs/pull/${pull.number}/merge`, mergeCommit);
  pull.mergeability = { head: pull.head.sha, base, mergeCommit };
}

const isKnown = ({ mergeability, head }: PullRequest, base: string): boolean =>
  mergeability?.head === head.sha && mergeability.base === base;

interface Merge {
  readonly tree: string;
  readonly base: string;
  readonly by: Account;
  readonly message?: string;
  readonly method?: 'merge' | 'squash';
}

const commitMerge = (world: World, pull: PullRequest, { tree, base, by, message, method }: Merge): Promise<string> =>
  writeCommit(pull.repository.git, {
    tree,
    parents: method === 'squash' ? [base] : [base, pull.head.sha],
    author: authorOf(world, by),
    committer: gitHubItself(world),
    message:
      message ?? `Merge pull request #${pull.number} from ${pull.head.repository.owner.login}/${pull.head.branch}`,
    sign: world.webFlow.sign,
  });

export interface MergeWish {
  readonly by: Account;
  readonly method: 'merge' | 'squash' | 'rebase';
  readonly message?: string | undefined;
  /** The head that is meant. */
  readonly sha?: string | undefined;
}

/** Answers with the push that it is to the base. Refusals: 405 where it can not be merged, 409 where the head has moved. */
export async function mergePull(
  world: World,
  pull: PullRequest,
  { by, method, message, sha }: MergeWish,
): Promise<{ readonly before: string; readonly after: string; readonly ref: string }> {
  const { git } = pull.repository;
  const ref = `refs/heads/${pull.base.branch}`;
  const base = await git.branch(pull.base.branch);
  if (pull.state !== 'open' || pull.isDraft || base === undefined)
    throw refusePlainly(405, 'Pull Request is not mergeable');
  if (method === 'rebase') throw refusePlainly(405, 'Rebase merges are not allowed on this repository.');
  if (sha !== undefined && sha !== pull.head.sha)
    throw refusePlainly(409, 'Head branch was modified. Review and try the merge again.');
  const tree = await mergedTree(git, base, pull.head.sha);
  if (tree === undefined) throw refusePlainly(405, 'Pull Request is not mergeable');
  const text = message ?? (method === 'squash' ? `${pull.title} (#${pull.number})` : undefined);
  const after = await commitMerge(world, pull, {
    tree,
    base,
    by,
    method,
    ...(text !== undefined && { message: text }),
  });
  if (!(await git.moveRef(ref, after, base)))
    throw refusePlainly(409, 'Base branch was modified. Review and try the merge again.');
  await markMerged(world, pull, { sha: after, by });
  return { before: base, after, ref };
}

export async function markMerged(
  world: World,
  pull: PullRequest,
  { sha, by }: { sha: string; by: Account },
): Promise<void> {
  pull.merged = { sha, by, atMs: world.clock.nowMs() };
  await closePull(world, pull, by);
}

export async function closePull(world: World, pull: PullRequest, by: Account): Promise<void> {
  if (pull.state === 'closed') return;
  pull.state = 'closed';
  pull.closedAtMs = world.clock.nowMs();
  touch(world, pull);
  await tellPull(world, pull, { action: 'closed', by });
}

/** Refusal: 422 where the branch is gone, or it has been merged. */
export async function reopenPull(world: World, pull: PullRequest, by: Account): Promise<void> {
  if (pull.state === 'open') return;
  const sha = await pull.head.repository.git.branch(pull.head.branch);
  if (pull.merged !== undefined || sha === undefined) throw invalid(fault('state', 'invalid'));
  pull.state = 'open';
  pull.closedAtMs = undefined;
  touch(world, pull);
  await tellPull(world, pull, { action: 'reopened', by });
  if (sha !== pull.head.sha) await moveHead(world, pull, { after: sha, by });
}

/** The branch was pushed to. The base is taken anew, too. */
export async function moveHead(
  world: World,
  pull: PullRequest,
  { after, by }: { after: string; by: Account },
): Promise<void> {
  const before = pull.head.sha;
  pull.head.sha = after;
  await keepHead(pull.repository, pull.number, pull.head);
  pull.base.sha = (await pull.repository.git.branch(pull.base.branch)) ?? pull.base.sha;
  pull.mergeability = undefined;
  touch(world, pull);
  await tellPull(world, pull, { action: 'synchronize', by, more: { before, after } });
}

export interface PullEdit {
  readonly title?: string | undefined;
  readonly body?: string | undefined;
  readonly base?: string | undefined;
}

/** Tells only what did change. */
export async function editPull(
  world: World,
  pull: PullRequest,
  { by, ...edit }: PullEdit & { by: Account },
): Promise<void> {
  const changes: Record<string, { from: string } | { ref: { from: string }; sha: { from: string } }> = {};
  if (edit.title !== undefined && edit.title !== pull.title) {
    changes['title'] = { from: pull.title };
    pull.title = edit.title;
  }
  if (edit.body !== undefined && edit.body !== (pull.body ?? '')) {
    changes['body'] = { from: pull.body ?? '' };
    pull.body = edit.body;
  }
  if (edit.base !== undefined && edit.base !== pull.base.branch) {
    const sha = await pull.repository.git.branch(edit.base);
    if (sha === undefined) throw invalid(fault('base', 'invalid'));
    changes['base'] = { ref: { from: pull.base.branch }, sha: { from: pull.base.sha } };
    pull.base.branch = edit.base;
    pull.base.sha = sha;
    pull.mergeability = undefined;
  }
  if (Object.keys(changes).length === 0) return;
  touch(world, pull);
  await tellPull(world, pull, { action: 'edited', by, more: { changes } });
}

export async function labelPull(
  world: World,
  pull: PullRequest,
  { by, names }: { by: Account; names: readonly string[] },
): Promise<void> {
  for (const name of names) {
    if (pull.labels.has(name)) continue;
    const { labels } = pull.repository;
    labels.set(name, labels.get(name) ?? { id: world.nextId(), name });
    pull.labels.add(name);
    touch(world, pull);
    await tellLabel(world, pull, { action: 'labeled', by, name });
  }
}

export function reviewPull(
  world: World,
  pull: PullRequest,
  { by, state, body = '' }: { by: Account; state: Review['state']; body?: string },
): Review {
  const review: Review = {
    id: world.nextId(),
    author: by,
    state,
    body,
    commit: pull.head.sha,
    atMs: world.clock.nowMs(),
  };
  pull.reviews.push(review);
  touch(world, pull);
  tellReview(world, pull, { review, action: 'submitted' });
  return review;
}

export function dismissReview(world: World, pull: PullRequest, review: Review): void {
  review.state = 'DISMISSED';
  touch(world, pull);
  tellReview(world, pull, { review, action: 'dismissed' });
}

export const touch = ({ clock }: World, pull: PullRequest): void => {
  pull.updatedAtMs = clock.nowMs();
};

export const isGone = (sha: string): boolean => sha === NO_COMMIT;

const fault = (field: string, code: Fault['code']): Fault => ({ resource: 'PullRequest', field, code });
const custom = (message: string): Fault => ({ resource: 'PullRequest', field: '', code: 'custom', message });
