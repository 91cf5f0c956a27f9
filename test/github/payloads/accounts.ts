// Accounts, teams, apps and installations as GitHub shows them.

import type { JsonObject } from '../json.ts';
import type { Account, App, Installation, Team } from '../model/accounts.ts';
import { isoTime } from '../model/clock.ts';
import type { World } from '../model/world.ts';
import { apiUrl, nodeId, pageUrl } from './urls.ts';

/** `simple-user`. */
export function simpleUser(world: World, { id, login, kind }: Account): JsonObject {
  const url = apiUrl(world, `/users/${encodeURIComponent(login)}`);
  return {
    login,
    id,
    node_id: nodeId(kind, id),
    avatar_url: pageUrl(world, `avatars/u/${id}?v=4`),
    gravatar_id: '',
    url,
    html_url: pageUrl(world, kind === 'Bot' ? `apps/${login.replace('[bot]', '')}` : login),
    followers_url: `${url}/followers`,
    following_url: `${url}/following{/other_user}`,
    gists_url: `${url}/gists{/gist_id}`,
    starred_url: `${url}/starred{/owner}{/repo}`,
    subscriptions_url: `${url}/subscriptions`,
    organizations_url: `${url}/orgs`,
    repos_url: `${url}/repos`,
    events_url: `${url}/events{/privacy}`,
    received_events_url: `${url}/received_events`,
    type: kind,
    site_admin: false,
  };
}

/** `public-user`: what strangers see. */
export const publicUser = (world: World, account: Account): JsonObject => ({
  ...simpleUser(world, account),
  name: account.login,
  company: null,
  blog: '',
  location: null,
  email: null,
  hireable: null,
  bio: null,
  twitter_username: null,
  public_repos: 0,
  public_gists: 0,
  followers: 0,
  following: 0,
  created_at: isoTime(account.createdAtMs),
  updated_at: isoTime(account.createdAtMs),
});

/** `organization-simple-webhooks`. */
export function simpleOrganization(world: World, { id, login }: Account): JsonObject {
  const url = apiUrl(world, `/orgs/${login}`);
  return {
    login,
    id,
    node_id: nodeId('Organization', id),
    url,
    repos_url: `${url}/repos`,
    events_url: `${url}/events`,
    hooks_url: `${url}/hooks`,
    issues_url: `${url}/issues`,
    members_url: `${url}/members{/member}`,
    public_members_url: `${url}/public_members{/member}`,
    avatar_url: pageUrl(world, `avatars/u/${id}?v=4`),
    description: '',
  };
}

/** `team-simple` and `team`, as the same members fit both. */
export function team(world: World, { id, slug, organization }: Team): JsonObject {
  const url = apiUrl(world, `/organizations/${organization.id}/team/${id}`);
  return {
    id,
    node_id: nodeId('Team', id),
    url,
    html_url: pageUrl(world, `orgs/${organization.login}/teams/${slug}`),
    name: slug,
    slug,
    description: null,
    privacy: 'closed',
    notification_setting: 'notifications_enabled',
    permission: 'pull',
    members_url: `${url}/members{/member}`,
    repositories_url: `${url}/repos`,
  };
}

/** `integration`. */
export const app = (
  world: World,
  { id, clientId, slug, name, owner, permissions, events, createdAtMs }: App,
): JsonObject => ({
  id,
  client_id: clientId,
  slug,
  node_id: nodeId('App', id),
  owner: simpleUser(world, owner),
  name,
  description: null,
  external_url: 'https://seatrial.dev',
  html_url: pageUrl(world, `apps/${slug}`),
  created_at: isoTime(createdAtMs),
  updated_at: isoTime(createdAtMs),
  permissions: { ...permissions },
  events,
});

/** `installation`. */
export const installation = (
  world: World,
  { id, app: of, account, repositories, ...rest }: Installation,
): JsonObject => ({
  id,
  account: simpleUser(world, account),
  repository_selection: repositories === undefined ? 'all' : 'selected',
  access_tokens_url: apiUrl(world, `/app/installations/${id}/access_tokens`),
  repositories_url: apiUrl(world, '/installation/repositories'),
  html_url: pageUrl(world, `organizations/${account.login}/settings/installations/${id}`),
  app_id: of.id,
  client_id: of.clientId,
  app_slug: of.slug,
  target_id: account.id,
  target_type: account.kind,
  permissions: { ...of.permissions },
  events: of.events,
  created_at: isoTime(rest.createdAtMs),
  updated_at: isoTime(rest.createdAtMs),
  single_file_name: null,
  has_multiple_single_files: false,
  single_file_paths: [],
  suspended_by: rest.suspended ? simpleUser(world, account) : null,
  suspended_at: rest.suspended ? isoTime(rest.createdAtMs) : null,
});
