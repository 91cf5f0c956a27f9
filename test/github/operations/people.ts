// Users, teams and limits through the API.

import type { Account, Team } from '../model/accounts.ts';
import { isoTime } from '../model/clock.ts';
import type { OperationId } from '../openapi/operations.ts';
import { publicUser, simpleOrganization, simpleUser, team as teamPayload } from '../payloads/accounts.ts';
import { apiUrl, pageUrl } from '../payloads/urls.ts';
import { notFound, refuse } from '../refusal.ts';
import { type Call, type Handler, listed } from './call.ts';

export const PEOPLE = {
  'users/get-authenticated': call => {
    if (call.actor.kind !== 'personal') throw refuse(403, 'Resource not accessible by integration');
    return { status: 200, body: publicUser(call.world, call.actor.user) };
  },

  'users/get-by-username': call => {
    const account = call.world.accounts.get(call.path.text('username').toLowerCase());
    if (account === undefined) throw notFound();
    return { status: 200, body: publicUser(call.world, account) };
  },

  'teams/get-by-name': call => {
    const { world } = call;
    const team = teamOf(call);
    return {
      status: 200,
      body: {
        ...teamPayload(world, team),
        type: 'organization',
        parent: null,
        members_count: team.members.size,
        repos_count: 0,
        created_at: isoTime(team.organization.createdAtMs),
        updated_at: isoTime(team.organization.createdAtMs),
        organization: organization(call, team.organization),
        organization_id: team.organization.id,
      },
    };
  },

  'teams/get-membership-for-user-in-org': call => {
    const team = teamOf(call);
    const login = call.path.text('username');
    const [, found] = [...team.members].find(([name]) => name.toLowerCase() === login.toLowerCase()) ?? [];
    if (found === undefined) throw notFound();
    const url = apiUrl(call.world, `/organizations/${team.organization.id}/team/${team.id}/memberships/${login}`);
    return { status: 200, body: { url, role: found.role, state: found.state } };
  },

  'teams/list-members-in-org': call => {
    const role = call.query.maybeText('role') ?? 'all';
    const active = [...teamOf(call).members].filter(
      ([, member]) => member.state === 'active' && (role === 'all' || role === member.role),
    );
    return listed(call, active, ([login]) => simpleUser(call.world, call.world.account(login)));
  },

  'rate-limit/get': call => ({ status: 200, body: call.rates() }),
} satisfies Partial<Record<OperationId, Handler>>;

/** A team of an organisation where the app is not installed is not there. */
function teamOf({ world, path, actor }: Call): Team {
  const org = path.text('org').toLowerCase();
  const foreign = actor.kind === 'installation' && actor.installation.account.login.toLowerCase() !== org;
  const found = world.teams.find(
    ({ slug, organization: of }) => of.login.toLowerCase() === org && slug === path.text('team_slug'),
  );
  if (found === undefined || foreign) throw notFound();
  return found;
}

/** `team-organization`. */
const organization = ({ world }: Call, of: Account) => ({
  ...simpleOrganization(world, of),
  has_organization_projects: true,
  has_repository_projects: true,
  public_repos: 0,
  public_gists: 0,
  followers: 0,
  following: 0,
  html_url: pageUrl(world, of.login),
  created_at: isoTime(of.createdAtMs),
  updated_at: isoTime(of.createdAtMs),
  archived_at: null,
  type: 'Organization',
});
