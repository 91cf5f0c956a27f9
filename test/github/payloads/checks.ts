// Check runs, their annotations, and commit statuses as GitHub shows them.

import type { JsonObject } from '../json.ts';
import { isoTime } from '../model/clock.ts';
import type { Annotation, CheckRun, PullRequest, Repository, Status } from '../model/repository.ts';
import type { World } from '../model/world.ts';
import { app, simpleUser } from './accounts.ts';
import { minimalRepository } from './repository.ts';
import { nodeId, pageUrl, repositoryApi, repositoryPage } from './urls.ts';

/** `check-run`. */
export function checkRun(world: World, repository: Repository, of: CheckRun): JsonObject {
  const url = repositoryApi(world, repository, `/check-runs/${of.id}`);
  return {
    id: of.id,
    name: of.name,
    node_id: nodeId('CheckRun', of.id),
    head_sha: of.sha,
    external_id: of.externalId ?? '',
    url,
    html_url: repositoryPage(world, repository, `/runs/${of.id}`),
    details_url: of.detailsUrl ?? 'https://seatrial.dev',
    status: of.status,
    conclusion: of.conclusion ?? null,
    started_at: timeOrNull(of.startedAtMs),
    completed_at: timeOrNull(of.completedAtMs),
    output: {
      title: of.output.title ?? null,
      summary: of.output.summary ?? null,
      text: of.output.text ?? null,
      annotations_count: of.annotations.length,
      annotations_url: `${url}/annotations`,
    },
    check_suite: { id: of.suite.id },
    app: app(world, of.app),
    pull_requests: pullsAt(repository, of.sha).map(pull => minimalPullRequest(world, pull)),
  };
}

/** `check-run-with-simple-check-suite`, as webhooks show it. */
export const toldCheckRun = (world: World, repository: Repository, of: CheckRun): JsonObject => {
  const { suite } = of;
  const pulls = pullsAt(repository, of.sha);
  return {
    ...checkRun(world, repository, of),
    check_suite: {
      id: suite.id,
      node_id: nodeId('CheckSuite', suite.id),
      head_branch: pulls[0]?.head.branch ?? null,
      head_sha: suite.sha,
      status: of.status,
      conclusion: of.conclusion ?? null,
      url: repositoryApi(world, repository, `/check-suites/${suite.id}`),
      before: null,
      after: suite.sha,
      pull_requests: pulls.map(pull => minimalPullRequest(world, pull)),
      app: app(world, suite.app),
      created_at: isoTime(suite.createdAtMs),
      updated_at: isoTime(suite.createdAtMs),
    },
  };
};

/** `check-annotation`. */
export const annotation = (
  world: World,
  repository: Repository,
  { sha, of }: { readonly sha: string; readonly of: Annotation },
): JsonObject => ({
  path: of.path,
  blob_href: repositoryPage(world, repository, `/blob/${sha}/${of.path}`),
  start_line: of.startLine,
  end_line: of.endLine,
  start_column: of.startColumn ?? null,
  end_column: of.endColumn ?? null,
  annotation_level: of.level,
  title: of.title ?? null,
  message: of.message,
  raw_details: of.rawDetails ?? null,
});

/** `status`. */
export const status = (world: World, repository: Repository, of: Status): JsonObject => ({
  ...simpleStatus(world, repository, of),
  creator: simpleUser(world, of.creator),
});

/** `simple-commit-status`. */
const simpleStatus = (world: World, repository: Repository, of: Status): JsonObject => ({
  url: repositoryApi(world, repository, `/statuses/${of.sha}`),
  avatar_url: pageUrl(world, `avatars/u/${of.creator.id}?v=4`),
  id: of.id,
  node_id: nodeId('StatusContext', of.id),
  state: of.state,
  description: of.description ?? null,
  target_url: of.targetUrl ?? null,
  context: of.context,
  created_at: isoTime(of.createdAtMs),
  updated_at: isoTime(of.createdAtMs),
});

/** `combined-commit-status`; `newest` holds one status per context. */
export function combinedStatus(
  world: World,
  repository: Repository,
  { sha, newest, total }: { readonly sha: string; readonly newest: readonly Status[]; readonly total: number },
): JsonObject {
  const states = newest.map(({ state }) => state);
  const failed = states.some(state => state === 'failure' || state === 'error');
  const waiting = states.length === 0 || states.includes('pending');
  return {
    state: failed ? 'failure' : waiting ? 'pending' : 'success',
    statuses: newest.map(of => simpleStatus(world, repository, of)),
    sha,
    total_count: total,
    repository: minimalRepository(world, repository),
    commit_url: repositoryApi(world, repository, `/commits/${sha}`),
    url: repositoryApi(world, repository, `/commits/${sha}/status`),
  };
}

/** Open ones of branches of this repository, whose head the commit is: GitHub names no others. */
const pullsAt = (repository: Repository, sha: string): readonly PullRequest[] =>
  [...repository.pulls.values()].filter(
    ({ head, state }) => state === 'open' && head.sha === sha && head.repository === repository,
  );

const minimalPullRequest = (world: World, { id, number, repository, head, base }: PullRequest): JsonObject => ({
  id,
  number,
  url: repositoryApi(world, repository, `/pulls/${number}`),
  head: { ref: head.branch, sha: head.sha, repo: link(world, head.repository) },
  base: { ref: base.branch, sha: base.sha, repo: link(world, repository) },
});

const link = (world: World, repository: Repository): JsonObject => ({
  id: repository.id,
  url: repositoryApi(world, repository),
  name: repository.name,
});

const timeOrNull = (atMs: number | undefined): string | null => (atMs === undefined ? null : isoTime(atMs));
