// Repositories as GitHub shows them: long in operations, and a little different in pushes.

import type { JsonObject } from '../json.ts';
import { isoTime } from '../model/clock.ts';
import { fullName, type Repository } from '../model/repository.ts';
import type { World } from '../model/world.ts';
import { simpleUser } from './accounts.ts';
import { nodeId, repositoryApi, repositoryPage } from './urls.ts';

/** The paths below a repository's address in the API, by member. */
const PATHS: Readonly<Record<string, string>> = {
  archive_url: '/{archive_format}{/ref}',
  assignees_url: '/assignees{/user}',
  blobs_url: '/git/blobs{/sha}',
  branches_url: '/branches{/branch}',
  collaborators_url: '/collaborators{/collaborator}',
  comments_url: '/comments{/number}',
  commits_url: '/commits{/sha}',
  compare_url: '/compare/{base}...{head}',
  contents_url: '/contents/{+path}',
  contributors_url: '/contributors',
  deployments_url: '/deployments',
  downloads_url: '/downloads',
  events_url: '/events',
  forks_url: '/forks',
  git_commits_url: '/git/commits{/sha}',
  git_refs_url: '/git/refs{/sha}',
  git_tags_url: '/git/tags{/sha}',
  hooks_url: '/hooks',
  issue_comment_url: '/issues/comments{/number}',
  issue_events_url: '/issues/events{/number}',
  issues_url: '/issues{/number}',
  keys_url: '/keys{/key_id}',
  labels_url: '/labels{/name}',
  languages_url: '/languages',
  merges_url: '/merges',
  milestones_url: '/milestones{/number}',
  notifications_url: '/notifications{?since,all,participating}',
  pulls_url: '/pulls{/number}',
  releases_url: '/releases{/id}',
  stargazers_url: '/stargazers',
  statuses_url: '/statuses/{sha}',
  subscribers_url: '/subscribers',
  subscription_url: '/subscription',
  tags_url: '/tags',
  teams_url: '/teams',
  trees_url: '/git/trees{/sha}',
};

/** `repository`. */
export function repository(world: World, of: Repository): JsonObject {
  const page = repositoryPage(world, of);
  const open = [...of.pulls.values()].filter(({ state }) => state === 'open').length;
  return {
    id: of.id,
    node_id: nodeId('Repository', of.id),
    name: of.name,
    full_name: fullName(of),
    owner: simpleUser(world, of.owner),
    private: of.isPrivate,
    visibility: of.isPrivate ? 'private' : 'public',
    html_url: page,
    description: null,
    fork: of.parent !== undefined,
    url: repositoryApi(world, of),
    ...Object.fromEntries(Object.entries(PATHS).map(([name, path]) => [name, repositoryApi(world, of, path)])),
    clone_url: `${page}.git`,
    git_url: `${page.replace(/^https?:/, 'git:')}.git`,
    ssh_url: `git@${new URL(page).hostname}:${fullName(of)}.git`,
    svn_url: page,
    mirror_url: null,
    homepage: null,
    language: null,
    license: null,
    size: 0,
    default_branch: of.defaultBranch,
    topics: [],
    is_template: false,
    ...COUNTS,
    open_issues: open,
    open_issues_count: open,
    ...SETTINGS,
    created_at: isoTime(of.createdAtMs),
    updated_at: isoTime(of.pushedAtMs),
    pushed_at: isoTime(of.pushedAtMs),
  };
}

const COUNTS = { forks: 0, forks_count: 0, stargazers_count: 0, watchers: 0, watchers_count: 0 };

const SETTINGS = {
  has_issues: true,
  has_projects: true,
  has_wiki: true,
  has_pages: false,
  has_downloads: true,
  has_discussions: false,
  archived: false,
  disabled: false,
  allow_forking: true,
  web_commit_signoff_required: false,
};

/** `full-repository`. */
export const fullRepository = (world: World, of: Repository): JsonObject => ({
  ...repository(world, of),
  subscribers_count: 0,
  network_count: 0,
  allow_merge_commit: true,
  allow_squash_merge: true,
  allow_rebase_merge: false,
  allow_auto_merge: false,
  delete_branch_on_merge: false,
  ...(of.owner.kind === 'Organization' && { organization: simpleUser(world, of.owner) }),
  ...(of.parent !== undefined && { parent: repository(world, of.parent), source: repository(world, of.parent) }),
});

/** As `push` shows it: times in seconds. */
export const pushedRepository = (world: World, of: Repository): JsonObject => ({
  ...repository(world, of),
  created_at: Math.floor(of.createdAtMs / 1000),
  pushed_at: Math.floor(of.pushedAtMs / 1000),
  stargazers: 0,
  ...(of.owner.kind === 'Organization' && { organization: of.owner.login }),
});

/** `minimal-repository`: without what only the whole one has. */
export function minimalRepository(world: World, of: Repository): JsonObject {
  const { license: _license, ...rest } = repository(world, of);
  return rest;
}
