// Pull requests, their reviews and comments as GitHub shows them.

import { changedFiles, commitsBetween, mergeBase } from '../git/compare.ts';
import type { JsonObject } from '../json.ts';
import type { Account } from '../model/accounts.ts';
import { isoTime } from '../model/clock.ts';
import type { Comment, PullRequest, Repository, Review } from '../model/repository.ts';
import type { World } from '../model/world.ts';
import { app, simpleUser } from './accounts.ts';
import { repository } from './repository.ts';
import { nodeId, pullPage, repositoryApi } from './urls.ts';

/** `pull-request-simple`, of lists. */
export function simplePullRequest(world: World, of: PullRequest): JsonObject {
  const url = repositoryApi(world, of.repository, `/pulls/${of.number}`);
  const issue = repositoryApi(world, of.repository, `/issues/${of.number}`);
  const page = pullPage(world, of);
  const statuses = repositoryApi(world, of.repository, `/statuses/${of.head.sha}`);
  const reviewComment = repositoryApi(world, of.repository, '/pulls/comments{/number}');
  const links = {
    self: url,
    html: page,
    issue,
    comments: `${issue}/comments`,
    review_comments: `${url}/comments`,
    review_comment: reviewComment,
    commits: `${url}/commits`,
    statuses,
  };
  return {
    url,
    id: of.id,
    node_id: nodeId('PullRequest', of.id),
    html_url: page,
    diff_url: `${page}.diff`,
    patch_url: `${page}.patch`,
    issue_url: issue,
    commits_url: links.commits,
    review_comments_url: links.review_comments,
    review_comment_url: reviewComment,
    comments_url: links.comments,
    statuses_url: statuses,
    number: of.number,
    state: of.state,
    locked: false,
    active_lock_reason: null,
    title: of.title,
    user: simpleUser(world, of.author),
    body: of.body ?? null,
    labels: [...of.labels].map(name => label(world, of.repository, name)),
    milestone: null,
    created_at: isoTime(of.createdAtMs),
    updated_at: isoTime(of.updatedAtMs),
    closed_at: timeOrNull(of.closedAtMs),
    merged_at: timeOrNull(of.merged?.atMs),
    merge_commit_sha: of.merged?.sha ?? of.mergeability?.mergeCommit ?? null,
    assignee: null,
    assignees: [],
    requested_reviewers: [],
    requested_teams: [],
    head: side(world, of.head.repository, { branch: of.head.branch, sha: of.head.sha }),
    base: side(world, of.repository, of.base),
    _links: Object.fromEntries(Object.entries(links).map(([name, href]) => [name, { href }])),
    author_association: association(of.repository, of.author),
    auto_merge: null,
    draft: of.isDraft,
  };
}

/** `pull-request`. */
export async function pullRequest(world: World, of: PullRequest): Promise<JsonObject> {
  const { git } = of.repository;
  const fork = (await mergeBase(git, of.base.sha, of.head.sha)) ?? of.base.sha;
  const files = await changedFiles(git, fork, of.head.sha);
  const commits = await commitsBetween(git, fork, of.head.sha);
  return {
    ...simplePullRequest(world, of),
    merged: of.merged !== undefined,
    mergeable: of.state === 'open' && of.mergeability ? of.mergeability.mergeCommit !== undefined : null,
    rebaseable: null,
    mergeable_state: mergeableState(of),
    merged_by: of.merged === undefined ? null : simpleUser(world, of.merged.by),
    comments: [...of.repository.comments.values()].filter(({ pull }) => pull === of).length,
    review_comments: 0,
    maintainer_can_modify: false,
    commits: commits.length,
    additions: sum(files.map(({ additions }) => additions)),
    deletions: sum(files.map(({ deletions }) => deletions)),
    changed_files: files.length,
  };
}

function mergeableState({
  mergeability,
  isDraft,
  repository: { statuses, checkRuns },
  head,
  state,
}: PullRequest): string {
  if (mergeability === undefined || state === 'closed') return 'unknown';
  if (mergeability.mergeCommit === undefined) return 'dirty';
  if (isDraft) return 'draft';
  const newest = new Map(
    statuses.filter(({ sha }) => sha === head.sha).map(({ context, state: said }) => [context, said]),
  );
  const runs = [...checkRuns.values()].filter(({ sha }) => sha === head.sha);
  const good = ['success', 'neutral', 'skipped'];
  const allGood =
    [...newest.values()].every(said => said === 'success') && runs.every(run => good.includes(run.conclusion ?? ''));
  return allGood ? 'clean' : 'unstable';
}

/** `pull-request-review`. */
export function review(world: World, { pull, of }: { readonly pull: PullRequest; readonly of: Review }): JsonObject {
  const page = `${pullPage(world, pull)}#pullrequestreview-${of.id}`;
  const url = repositoryApi(world, pull.repository, `/pulls/${pull.number}`);
  return {
    id: of.id,
    node_id: nodeId('PullRequestReview', of.id),
    user: simpleUser(world, of.author),
    body: of.body,
    state: of.state,
    html_url: page,
    pull_request_url: url,
    author_association: association(pull.repository, of.author),
    _links: { html: { href: page }, pull_request: { href: url } },
    submitted_at: isoTime(of.atMs),
    commit_id: of.commit,
  };
}

/** `issue-comment`. */
export function comment(world: World, of: Comment): JsonObject {
  const { repository: where, number } = of.pull;
  const url = repositoryApi(world, where, `/issues/comments/${of.id}`);
  return {
    id: of.id,
    node_id: nodeId('IssueComment', of.id),
    url,
    html_url: `${pullPage(world, of.pull)}#issuecomment-${of.id}`,
    issue_url: repositoryApi(world, where, `/issues/${number}`),
    user: simpleUser(world, of.author),
    created_at: isoTime(of.createdAtMs),
    updated_at: isoTime(of.updatedAtMs),
    author_association: association(where, of.author),
    body: of.body,
    reactions: reactions(url),
    performed_via_github_app: of.app === undefined ? null : app(world, of.app),
  };
}

/** The pull request as an issue, as `issue_comment` shows it. */
export function issue(world: World, of: PullRequest): JsonObject {
  const url = repositoryApi(world, of.repository, `/issues/${of.number}`);
  const page = pullPage(world, of);
  const pull = repositoryApi(world, of.repository, `/pulls/${of.number}`);
  return {
    url,
    repository_url: repositoryApi(world, of.repository),
    labels_url: `${url}/labels{/name}`,
    comments_url: `${url}/comments`,
    events_url: `${url}/events`,
    timeline_url: `${url}/timeline`,
    html_url: page,
    id: of.id,
    node_id: nodeId('Issue', of.id),
    number: of.number,
    title: of.title,
    user: simpleUser(world, of.author),
    labels: [...of.labels].map(name => label(world, of.repository, name)),
    state: of.state,
    locked: false,
    assignee: null,
    assignees: [],
    milestone: null,
    comments: [...of.repository.comments.values()].filter(({ pull: on }) => on === of).length,
    created_at: isoTime(of.createdAtMs),
    updated_at: isoTime(of.updatedAtMs),
    closed_at: timeOrNull(of.closedAtMs),
    author_association: association(of.repository, of.author),
    active_lock_reason: null,
    draft: of.isDraft,
    pull_request: {
      url: pull,
      html_url: page,
      diff_url: `${page}.diff`,
      patch_url: `${page}.patch`,
      merged_at: timeOrNull(of.merged?.atMs),
    },
    body: of.body ?? null,
    reactions: reactions(url),
    performed_via_github_app: null,
    state_reason: null,
  };
}

/** `label`. */
export const label = (world: World, where: Repository, name: string): JsonObject => ({
  id: where.labels.get(name)?.id ?? 0,
  node_id: nodeId('Label', name),
  url: repositoryApi(world, where, `/labels/${encodeURIComponent(name)}`),
  name,
  description: '',
  color: 'ededed',
  default: false,
});

const side = (world: World, of: Repository, { branch, sha }: { branch: string; sha: string }): JsonObject => ({
  label: `${of.owner.login}:${branch}`,
  ref: branch,
  sha,
  user: simpleUser(world, of.owner),
  repo: repository(world, of),
});

const reactions = (url: string): JsonObject => ({
  url: `${url}/reactions`,
  total_count: 0,
  '+1': 0,
  '-1': 0,
  laugh: 0,
  hooray: 0,
  confused: 0,
  heart: 0,
  rocket: 0,
  eyes: 0,
});

/** How somebody belongs to the repository. */
function association({ owner, collaborators }: Repository, { login }: Account): string {
  if (owner.login === login) return 'OWNER';
  return collaborators.has(login) ? 'COLLABORATOR' : 'NONE';
}

const timeOrNull = (atMs: number | undefined): string | null => (atMs === undefined ? null : isoTime(atMs));

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
