// Pull requests, their reviews, and who belongs to a team: from GitHub's words to ours.

import { parseGitCommit } from '@seatrial/spec';
import type { Octokit } from 'octokit';
import { PortError } from '../../errors.ts';
import type { Forge, ProposedPullRequest, PullRequest, Review } from '../../ports/forge.ts';
import type { Connection } from './connection.ts';
import { commitOf, momentOf, sameText } from './values.ts';

type Rest = Octokit['rest'];
type Listed = Awaited<ReturnType<Rest['pulls']['list']>>['data'][number];
type Full = Awaited<ReturnType<Rest['pulls']['get']>>['data'];
type Reviewed = Awaited<ReturnType<Rest['pulls']['listReviews']>>['data'][number];

const PER_PAGE = 100;
/** Somebody who has deleted their account. */
const GHOST = 'ghost';

export function pullRequestsOn(connection: Connection, base: string) {
  const { repository } = connection;
  return {
    pullRequests: async () => {
      const { rest, paginate } = await connection.octokit();
      const asked = {
        ...repository,
        base,
        state: 'open',
        sort: 'updated',
        direction: 'desc',
        per_page: PER_PAGE,
      } as const;
      return (await paginate(rest.pulls.list, asked)).map(pullRequestOf);
    },
    pullRequest: async number => {
      const { rest } = await connection.octokit();
      return pullRequestOf((await rest.pulls.get({ ...repository, pull_number: number })).data);
    },
    pullRequestsOf: async commit => {
      const { rest, paginate } = await connection.octokit();
      const asked = { ...repository, commit_sha: commit, per_page: PER_PAGE };
      const all = await paginate(rest.repos.listPullRequestsAssociatedWithCommit, asked);
      return all.map(pullRequestOf).filter(pull => pull.state === 'merged' && pull.baseBranch === base);
    },
    reviews: async number => {
      const { rest, paginate } = await connection.octokit();
      const all = await paginate(rest.pulls.listReviews, { ...repository, pull_number: number, per_page: PER_PAGE });
      return all.flatMap(reviewOf);
    },
    isMember: async (team, login) => isMember(connection, team, login),
    findPullRequest: async branch => findPullRequest(connection, branch, base),
    putPullRequest: async proposal => putPullRequest(connection, proposal, base),
  } satisfies Partial<Forge>;
}

/* ---- Reading ---- */

export function pullRequestOf(pull: Listed | Full): PullRequest {
  const { number, html_url, title, user, draft, head, base, merge_commit_sha } = pull;
  const isMerged = pull.merged_at !== null;
  const mergedBy = 'merged_by' in pull ? pull.merged_by?.login : undefined;
  return {
    number,
    url: html_url,
    title,
    author: user?.login ?? GHOST,
    state: pull.state === 'open' ? 'open' : isMerged ? 'merged' : 'closed',
    isDraft: draft === true,
    head: commitOf(head.sha),
    headBranch: head.ref,
    // A fork that was deleted leaves no repository behind; its commits stay.
    isFork: head.repo?.id !== base.repo.id,
    base: commitOf(base.sha),
    baseBranch: base.ref,
    ...(isMerged && merge_commit_sha !== null && { mergedAs: commitOf(merge_commit_sha) }),
    ...(mergedBy !== undefined && { mergedBy }),
    updatedAtMs: momentOf(pull.updated_at),
  };
}

const VERDICTS: Readonly<Record<string, Review['verdict']>> = {
  APPROVED: 'approved',
  CHANGES_REQUESTED: 'changesRequested',
  DISMISSED: 'dismissed',
  COMMENTED: 'commented',
};

/** A review that is still being written, or whose commit is gone, says nothing. */
function reviewOf({ user, state, commit_id, submitted_at }: Reviewed): readonly Review[] {
  const verdict = VERDICTS[state];
  const commit = parseGitCommit(commit_id ?? '');
  if (user === null || verdict === undefined || commit === undefined || submitted_at === undefined) return [];
  return [{ by: user.login, verdict, commit, atMs: momentOf(submitted_at) }];
}

async function isMember(connection: Connection, team: string, login: string): Promise<boolean> {
  const { rest } = await connection.octokit();
  const [org = '', team_slug = ''] = team.split('/');
  try {
    const { data } = await rest.teams.getMembershipForUserInOrg({ org, team_slug, username: login });
    return data.state === 'active';
  } catch (error) {
    if (error instanceof PortError && error.code === 'forge-missing') return false;
    throw error;
  }
}

/* ---- Writing ---- */

async function findPullRequest(connection: Connection, branch: string, base: string): Promise<PullRequest | undefined> {
  const { rest, paginate } = await connection.octokit();
  const { owner } = connection.repository;
  const asked = {
    ...connection.repository,
    head: `${owner}:${branch}`,
    base,
    state: 'all',
    per_page: PER_PAGE,
  } as const;
  const all = (await paginate(rest.pulls.list, asked)).map(pullRequestOf).sort((a, b) => b.number - a.number);
  return all.find(({ state }) => state === 'open') ?? all[0];
}

async function putPullRequest(
  connection: Connection,
  { branch, title, body, labels }: ProposedPullRequest,
  base: string,
): Promise<PullRequest> {
  const { rest } = await connection.octokit();
  const { repository } = connection;
  const before = await findPullRequest(connection, branch, base);
  const open = before?.state === 'open' ? before.number : undefined;
  const present = open === undefined ? undefined : (await rest.pulls.get({ ...repository, pull_number: open })).data;
  const isSame = present?.title === title && sameText(present.body, body);
  const { data } =
    present === undefined
      ? await rest.pulls.create({ ...repository, head: branch, base, title, body })
      : isSame
        ? { data: present }
        : await rest.pulls.update({ ...repository, pull_number: present.number, title, body });
  const missing = labels.filter(label => !data.labels.some(({ name }) => name === label));
  if (missing.length > 0) {
    await rest.issues.addLabels({ ...repository, issue_number: data.number, labels: [...missing] });
  }
  return pullRequestOf(data);
}
