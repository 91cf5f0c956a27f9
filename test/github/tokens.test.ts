import { createPrivateKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { appClient, FLEETS, installationClient, personClient, refusedWith } from './clients.ts';
import type { GitHub } from './github.ts';
import { PERMISSIONS, startGitHub } from './start-github.ts';

const HOUR_MS = 3_600_000;

/** As the app would sign it, or not quite. */
function jwt(github: GitHub, claims: object, { key, alg = 'RS256' }: { key?: KeyObject; alg?: string } = {}): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const text = `${part({ alg, typ: 'JWT' })}.${part(claims)}`;
  const signature = sign('RSA-SHA256', Buffer.from(text), key ?? createPrivateKey(github.app.privateKey));
  return `${text}.${signature.toString('base64url')}`;
}

async function askAsApp(github: GitHub, token: string): Promise<number> {
  const headers = { authorization: `Bearer ${token}`, accept: 'application/vnd.github+json' };
  return (await fetch(`${github.baseUrl}/app`, { headers })).status;
}

describe('when an app shows its JSON Web Token', () => {
  const nowS = Math.floor(Date.now() / 1000);
  test.each([
    ['in its time', { iat: -60, exp: 540 }, 200],
    ['by its client id', { iat: -60, exp: 540, iss: 'Iv23liSeatrialStandIn' }, 200],
    ['that has expired', { iat: -600, exp: -1 }, 401],
    ['that lives too long', { iat: 0, exp: 700 }, 401],
    ['from the future', { iat: 300, exp: 580 }, 401],
    ['without its end', { iat: 0, exp: undefined }, 401],
    ['of another app', { iat: -60, exp: 540, iss: 7 }, 401],
  ])('then one %s is answered as GitHub does', async (_name, { iat, exp, ...rest }, status) => {
    await using github = await startGitHub();
    const claims = { iss: github.app.id, iat: nowS + iat, exp: exp === undefined ? exp : nowS + exp, ...rest };
    expect(await askAsApp(github, jwt(github, claims))).toBe(status);
  });

  test('then another key or algorithm, and what is no token at all, are refused', async () => {
    await using github = await startGitHub();
    const claims = { iss: github.app.id, iat: nowS - 60, exp: nowS + 500 };
    const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
    expect(await askAsApp(github, jwt(github, claims, { key: other }))).toBe(401);
    expect(await askAsApp(github, jwt(github, claims, { alg: 'none' }))).toBe(401);
    expect(await askAsApp(github, 'a.b.c')).toBe(401);
  });

  test('then octokit finds its way where the clocks differ', async () => {
    await using github = await startGitHub();
    github.clock.advance(-2 * HOUR_MS);
    const { data } = await appClient(github).octokit.rest.apps.getAuthenticated();
    expect(data?.slug).toBe('seatrial');
  });
});

describe('when a token is used', () => {
  test('then that of an installation ends after an hour', async () => {
    await using github = await startGitHub();
    const octokit = await installationClient(github);
    await octokit.rest.repos.get(FLEETS);
    github.clock.advance(HOUR_MS + 1000);
    expect(await refusedWith(octokit.rest.repos.get(FLEETS))).toBe(401);
  });

  test('then one that was revoked is refused, and so is one of an installation that is suspended', async () => {
    await using github = await startGitHub();
    const person = personClient(github, github.personalToken('ada'));
    const octokit = await installationClient(github);
    await octokit.rest.repos.get(FLEETS);
    github.suspendInstallation();
    expect(await refusedWith(octokit.rest.repos.get(FLEETS))).toBe(403);
    github.suspendInstallation(false);
    github.revokeTokens();
    expect(await refusedWith(octokit.rest.repos.get(FLEETS))).toBe(401);
    expect(await refusedWith(person.rest.users.getAuthenticated())).toBe(401);
  });

  test.each([
    ['checks', 'read'],
    ['statuses', 'read'],
    ['pull_requests', 'read'],
    ['contents', 'read'],
    ['members', undefined],
  ] as const)('then what needs more than %s: %s is refused, and nothing is changed', async (name, level) => {
    const { [name]: _dropped, ...rest } = PERMISSIONS;
    await using github = await startGitHub({ permissions: { ...rest, ...(level && { [name]: level }) } });
    const sha = await (await github.engineer()).push('feature', { 'a.yaml': 'a: 1\n' });
    const { rest: api } = await installationClient(github);
    github.team('owners', ['ada']);
    const asked = {
      checks: () => api.checks.create({ ...FLEETS, name: 'a', head_sha: sha }),
      statuses: () => api.repos.createCommitStatus({ ...FLEETS, sha, state: 'success' }),
      pull_requests: () => api.pulls.create({ ...FLEETS, head: 'feature', base: 'main', title: 'a' }),
      contents: () => api.git.createRef({ ...FLEETS, ref: 'refs/heads/a', sha }),
      members: () => api.teams.getMembershipForUserInOrg({ org: 'acme', team_slug: 'owners', username: 'ada' }),
    };
    for (const [of, ask] of Object.entries(asked)) expect(await refusedWith(ask())).toBe(of === name ? 403 : undefined);
  });

  test('then one for fewer permissions or repositories has just those', async () => {
    await using github = await startGitHub();
    await github.createRepository('acme/other');
    const { octokit } = appClient(github);
    const wanted = { permissions: { checks: 'read' }, repositories: ['other'] } as const;
    const made = await octokit.rest.apps.createInstallationAccessToken({
      installation_id: github.app.installationId,
      permissions: wanted.permissions,
      repositories: [...wanted.repositories],
    });
    expect(made.data.permissions).toEqual(wanted.permissions);
    const few = personClient(github, made.data.token);
    expect(await refusedWith(few.rest.repos.get(FLEETS))).toBe(404);
    expect(await refusedWith(few.rest.repos.get({ owner: 'acme', repo: 'other' }))).toBeUndefined();
    expect(await refusedWith(few.rest.checks.create({ owner: 'acme', repo: 'other', name: 'a', head_sha: 'a' }))).toBe(
      403,
    );
    const more = { installation_id: github.app.installationId, permissions: { administration: 'write' } } as const;
    expect(await refusedWith(octokit.rest.apps.createInstallationAccessToken(more))).toBe(422);
  });

  test('then a person without access finds nothing, and a check run is for apps alone', async () => {
    await using github = await startGitHub();
    const { rest } = personClient(github, github.personalToken('ada'));
    expect(await refusedWith(rest.repos.get(FLEETS))).toBe(404);
    github.repository.collaborators.set('ada', 'write');
    expect(await refusedWith(rest.repos.get(FLEETS))).toBeUndefined();
    const head_sha = (await github.branch('main')) ?? '';
    expect(await refusedWith(rest.checks.create({ ...FLEETS, name: 'a', head_sha }))).toBe(403);
    const fine = personClient(github, github.personalToken('ada', { contents: 'read' }));
    expect(await refusedWith(fine.rest.pulls.create({ ...FLEETS, head: 'a', base: 'main', title: 'a' }))).toBe(403);
    expect(await refusedWith(fine.rest.repos.getBranch({ ...FLEETS, branch: 'main' }))).toBeUndefined();
  });
});

test('when it is an enterprise server, then its API is below /api/v3, and git and pages are not', async () => {
  await using github = await startGitHub({ enterprise: true });
  const ada = await github.engineer('ada', { via: 'http' });
  await ada.push('feature', { 'a.yaml': 'a: 1\n' });
  const pull = await github.openPullRequest({ head: 'feature' });
  const { data } = await (await installationClient(github)).rest.pulls.get({ ...FLEETS, pull_number: pull.number });
  expect(data.url).toBe(`${github.origin}/api/v3/repos/acme/fleets/pulls/1`);
  expect(data.html_url).toBe(`${github.origin}/acme/fleets/pull/1`);
});
