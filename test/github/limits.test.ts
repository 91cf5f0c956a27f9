import { describe, expect, test, vi } from 'vitest';
import { FLEETS, installationClient, personClient, refusedWith } from './clients.ts';
import { Clock } from './model/clock.ts';
import { startGitHub } from './start-github.ts';

const HOUR_MS = 3_600_000;

describe('when limits are reached', () => {
  test.each([403, 429] as const)('then the hour ends with %d, and another begins', async status => {
    await using github = await startGitHub({ limits: { perHour: 3, status } });
    const octokit = await installationClient(github);
    const get = () => octokit.rest.repos.get(FLEETS);
    const { headers } = await get();
    expect(headers).toMatchObject({ 'x-ratelimit-limit': '3', 'x-ratelimit-remaining': '2', 'x-ratelimit-used': '1' });
    await get();
    await get();
    expect(await refusedWith(get())).toBe(status);
    const { data } = await octokit.rest.rateLimit.get();
    expect(data.rate).toMatchObject({ limit: 3, remaining: 0 });
    expect(data.rate.reset * 1000).toBeGreaterThan(github.clock.nowMs());
    // The token of the hour before is over as well.
    github.clock.advance(HOUR_MS);
    expect(await refusedWith((await installationClient(github)).rest.repos.get(FLEETS))).toBeUndefined();
  });

  test('then people and installations have their own', async () => {
    await using github = await startGitHub({ limits: { perHour: 1 } });
    const octokit = await installationClient(github);
    await octokit.rest.repos.get(FLEETS);
    expect(await refusedWith(octokit.rest.repos.get(FLEETS))).toBe(403);
    const person = personClient(github, github.personalToken('ada'));
    expect(await refusedWith(person.rest.users.getAuthenticated())).toBeUndefined();
  });

  test('then so much content a minute is enough, and says for how long', async () => {
    await using github = await startGitHub({ limits: { contentPerMinute: 2, retryAfterS: 7 } });
    const octokit = await installationClient(github);
    const sha = (await github.branch('main')) ?? '';
    const put = () => octokit.rest.repos.createCommitStatus({ ...FLEETS, sha, state: 'success' });
    await put();
    await put();
    await expect(put()).rejects.toMatchObject({ status: 403, response: { headers: { 'retry-after': '7' } } });
    await octokit.rest.repos.get(FLEETS);
    github.clock.advance(60_000);
    expect(await refusedWith(put())).toBeUndefined();
  });

  test('then a clock of one’s own decides', async () => {
    let nowMs = Date.UTC(2031, 0, 1);
    await using github = await startGitHub({ clock: new Clock(() => nowMs) });
    const person = personClient(github, github.personalToken('ada'));
    const { headers } = await person.rest.users.getAuthenticated();
    expect(headers.date).toBe('Wed, 01 Jan 2031 00:00:00 GMT');
    nowMs += 1000;
    expect((await person.rest.users.getAuthenticated()).headers.date).toBe('Wed, 01 Jan 2031 00:00:01 GMT');
  });
});

describe('when failures are scripted', () => {
  test('then each meets the requests that it is for, in order, and then all is well', async () => {
    await using github = await startGitHub();
    const { rest } = await installationClient(github);
    const get = () => refusedWith(rest.repos.get(FLEETS));
    await get();
    github.failNext('repos/get', 500);
    github.failNext('repos/get', 502, { times: 2 });
    github.failNext('*', 404);
    expect([await get(), await get(), await get(), await get(), await get()]).toEqual([500, 502, 502, 404, undefined]);
    for (const status of [403, 409, 422, 503, 504]) {
      github.failNext('repos/get', status);
      expect(await get()).toBe(status);
    }
  });

  test('then the answer can be lost although the request was carried out', async () => {
    await using github = await startGitHub();
    const { rest } = await installationClient(github);
    const sha = (await github.branch('main')) ?? '';
    const put = (context: string) => rest.repos.createCommitStatus({ ...FLEETS, sha, state: 'success', context });
    github.failNext('repos/create-commit-status', { kind: 'status', status: 502, carriedOut: true });
    expect(await refusedWith(put('a'))).toBe(502);
    // Octokit makes an empty text of an answer that breaks off: only what reads the bytes itself sees it.
    github.failNext('repos/create-commit-status', { kind: 'drop', carriedOut: true });
    expect((await put('b')).data).toBe('');
    github.failNext('repos/create-commit-status', { kind: 'drop' });
    await put('c');
    expect(github.statuses(sha).map(({ context }) => context)).toEqual(['a', 'b']);
    expect(github.requests('repos/create-commit-status').map(({ answered }) => answered)).toEqual([true, false, false]);
  });

  test('then limits are told as GitHub tells them', async () => {
    await using github = await startGitHub();
    const { rest } = await installationClient(github);
    github.failNext('repos/get', { kind: 'secondary-limit', retryAfterS: 3 });
    await expect(rest.repos.get(FLEETS)).rejects.toMatchObject({ response: { headers: { 'retry-after': '3' } } });
    github.failNext('repos/get', { kind: 'primary-limit', resetInS: 30 });
    await expect(rest.repos.get(FLEETS)).rejects.toMatchObject({
      status: 403,
      response: { headers: { 'x-ratelimit-remaining': '0' } },
    });
    github.clock.advance(31_000);
    expect(await refusedWith(rest.repos.get(FLEETS))).toBeUndefined();
  });
});

test('when an answer breaks off, then who reads its bytes learns that', async () => {
  await using github = await startGitHub();
  github.failNext('users/get-by-username', { kind: 'drop', carriedOut: true });
  const headers = { accept: 'application/vnd.github+json', authorization: `token ${github.personalToken('ada')}` };
  const response = await fetch(`${github.baseUrl}/users/ada`, { headers });
  expect(response.status).toBe(200);
  await expect(response.text()).rejects.toThrow(TypeError);
});

test('when an answer is late, then who does not wait does without', async () => {
  await using github = await startGitHub();
  github.failNext('users/get-by-username', { kind: 'slow', ms: 60_000 });
  const headers = { accept: 'application/vnd.github+json', authorization: `token ${github.personalToken('ada')}` };
  const impatience = new AbortController();
  const asked = fetch(`${github.baseUrl}/users/ada`, { headers, signal: impatience.signal });
  await vi.waitUntil(() => github.requests('users/get-by-username').length === 1, { timeout: 30_000 });
  impatience.abort();
  await expect(asked).rejects.toMatchObject({ name: 'AbortError' });
});

describe('when nothing has changed', () => {
  test('then a conditional request says so, and costs nothing', async () => {
    await using github = await startGitHub();
    const octokit = await installationClient(github);
    const { headers } = await octokit.rest.repos.get(FLEETS);
    const etag = headers.etag ?? '';
    const again = () => octokit.rest.repos.get({ ...FLEETS, headers: { 'if-none-match': etag } });
    expect(await refusedWith(again())).toBe(304);
    expect((await octokit.rest.rateLimit.get()).data.rate.used).toBe(1);
    await (await github.engineer()).push('feature', { 'a.yaml': 'a: 1\n' });
    await github.openPullRequest({ head: 'feature' });
    expect(await refusedWith(again())).toBeUndefined();
  });
});

describe('when a list is long', () => {
  test('then pages name each other, and none holds more than a hundred', async () => {
    await using github = await startGitHub();
    const octokit = await installationClient(github);
    await (await github.engineer()).push('feature', { 'a.yaml': 'a: 1\n' });
    const pull = await github.openPullRequest({ head: 'feature' });
    for (let number = 1; number <= 120; number += 1) await github.comment(pull, `${number}`);
    const list = { ...FLEETS, issue_number: pull.number };
    expect((await octokit.rest.issues.listComments(list)).data).toHaveLength(30);
    expect((await octokit.rest.issues.listComments({ ...list, per_page: 500 })).data).toHaveLength(100);
    const { headers } = await octokit.rest.issues.listComments({ ...list, per_page: 50, page: 2 });
    expect(
      [...(headers.link ?? '').matchAll(/[?&]page=(\d+)[^>]*>; rel="(\w+)"/g)].map(([, page, rel]) => `${rel} ${page}`),
    ).toEqual(['prev 1', 'next 3', 'last 3', 'first 1']);
    expect(await octokit.paginate(octokit.rest.issues.listComments, { ...list, per_page: 50 })).toHaveLength(120);
    expect((await octokit.rest.issues.listComments({ ...list, page: 9 })).data).toEqual([]);
  });
});
