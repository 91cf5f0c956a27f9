import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FLEETS, installationClient, personClient, refusedWith } from './clients.ts';
import { Undocumented, type ViolationKind } from './contract/violations.ts';
import type { GitHub } from './github.ts';
import { NotMet } from './server/failures.ts';
import { startGitHub } from './start-github.ts';

let github: GitHub;

beforeEach(async () => {
  github = await startGitHub();
});

afterEach(() => github.close());

/** What was found, forgotten with this: otherwise the closing of the server would fail the test, as it should. */
const found = (): readonly ViolationKind[] => github.takeViolations().map(({ kind }) => kind);

/** A request as no octokit would send it. */
async function send(method: string, path: string, options: { body?: string; headers?: Record<string, string> } = {}) {
  const token = github.personalToken('ada');
  github.repository.collaborators.set('ada', 'write');
  const headers = { authorization: `token ${token}`, accept: 'application/vnd.github+json', ...options.headers };
  const init = { method, headers, ...(options.body !== undefined && { body: options.body }) };
  return fetch(`${github.baseUrl}${path}`, init);
}

const REPOSITORY = '/repos/acme/fleets';
const JSON_BODY = { 'content-type': 'application/json' };

describe('when a request is not as the description says', () => {
  test('then an operation that nobody described is found', async () => {
    expect((await send('GET', `${REPOSITORY}/traffic/views`)).status).toBe(404);
    expect(found()).toEqual(['undocumented-operation']);
  });

  test('then a described path with another method is found', async () => {
    expect((await send('PUT', `${REPOSITORY}/pulls`)).status).toBe(404);
    expect(found()).toEqual(['undocumented-operation']);
  });

  test('then an operation of GitHub that is not in the extract is found', async () => {
    const octokit = personClient(github, github.personalToken('ada'));
    expect(await refusedWith(octokit.rest.activity.listWatchersForRepo(FLEETS))).toBe(404);
    expect(found()).toEqual(['undocumented-operation']);
  });

  test('then a query that nobody described is found', async () => {
    expect((await send('GET', `${REPOSITORY}/pulls?status=open`)).status).toBe(422);
    expect(found()).toEqual(['undocumented-query']);
  });

  test('then a query that is given twice is found', async () => {
    expect((await send('GET', `${REPOSITORY}/pulls?state=open&state=closed`)).status).toBe(422);
    expect(found()).toEqual(['undocumented-query']);
  });

  test('then a query with another value is found', async () => {
    expect((await send('GET', `${REPOSITORY}/pulls?state=merged`)).status).toBe(422);
    expect(found()).toEqual(['undocumented-query']);
  });

  test('then a number in a path that is none is found', async () => {
    expect((await send('GET', `${REPOSITORY}/pulls/seven`)).status).toBe(404);
    expect(found()).toEqual(['path-parameter']);
  });

  test.each([
    ['a member is missing', { base: 'main' }],
    ['a member is of another type', { head: 'feature', base: 'main', title: 7 }],
    ['a member is unknown', { head: 'feature', base: 'main', title: 'a', reviewers: ['ada'] }],
    ['the whole is of another type', ['feature']],
  ])('then a body in which %s is found', async (_name, body) => {
    const { status } = await send('POST', `${REPOSITORY}/pulls`, { body: JSON.stringify(body), headers: JSON_BODY });
    expect(status).toBe(422);
    expect(found()).toEqual(['request-body']);
  });

  test.each([
    ['unknown', { title: 't', summary: 's', colour: 'red' }],
    ['too long', { title: 't', summary: 's', text: 'x'.repeat(65_536) }],
    ['too many', { title: 't', summary: 's', annotations: Array.from({ length: 51 }, () => ANNOTATION) }],
    ['unknown deep inside', { title: 't', summary: 's', annotations: [{ ...ANNOTATION, colour: 'red' }] }],
  ])('then members of members that are %s are found', async (_name, output) => {
    const octokit = await installationClient(github);
    const head_sha = (await github.branch('main')) ?? '';
    expect(await refusedWith(octokit.rest.checks.create({ ...FLEETS, name: 'a', head_sha, output }))).toBe(422);
    expect(found()).toEqual(['request-body']);
  });

  test('then what is no JSON is found', async () => {
    expect((await send('POST', `${REPOSITORY}/pulls`, { body: '{"head":', headers: JSON_BODY })).status).toBe(400);
    expect(found()).toEqual(['request-json']);
  });

  test('then JSON that does not say that it is JSON is found', async () => {
    const body = JSON.stringify({ ref: 'refs/heads/a', sha: await github.branch('main') });
    await send('POST', `${REPOSITORY}/git/refs`, { body, headers: { 'content-type': 'text/plain' } });
    expect(found()).toEqual(['request-body']);
  });

  test('then a body where none is described is found', async () => {
    const octokit = await installationClient(github);
    await refusedWith(
      octokit.request('DELETE /repos/{owner}/{repo}/git/refs/{ref}', { ...FLEETS, ref: 'heads/a', data: {} }),
    );
    expect(found()).toEqual(['request-body']);
  });

  test.each([
    ['without a user agent', { 'user-agent': '' }],
    ['that asks for a page', { accept: 'text/html' }],
    ['of another version', { 'x-github-api-version': '2031-01-01' }],
  ])('then a request %s is found', async (_name, headers) => {
    await send('GET', REPOSITORY, { headers });
    expect(found()).toEqual(['request-header']);
  });
});

describe('when an answer is not as the description says', () => {
  test.each([
    ['a member is missing', { id: 7 }],
    ['it is of another type', 'fine'],
  ])('then a body in which %s is found', async (_name, body) => {
    github.failNext('repos/get', { kind: 'answer', status: 200, body });
    await send('GET', REPOSITORY);
    expect(found()).toEqual(['response-body']);
  });

  test('then a member that nobody described is found, also deep inside', async () => {
    const octokit = personClient(github, github.personalToken('ada'));
    github.repository.collaborators.set('ada', 'write');
    const { data } = await octokit.rest.repos.get(FLEETS);
    const body = JSON.parse(JSON.stringify({ ...data, owner: { ...data.owner, mood: 'good' } }));
    github.failNext('repos/get', { kind: 'answer', status: 200, body });
    await octokit.rest.repos.get(FLEETS);
    expect(found()).toEqual(['response-body']);
  });

  test('then a status that nobody described is found', async () => {
    github.failNext('repos/get', { kind: 'answer', status: 418, body: { message: 'teapot' } });
    await send('GET', REPOSITORY);
    expect(found()).toEqual(['response-status']);
  });

  test('then a body where there is to be none is found', async () => {
    github.failNext('git/delete-ref', { kind: 'answer', status: 204, body: {} });
    await send('DELETE', `${REPOSITORY}/git/refs/heads/a`);
    expect(found()).toEqual(['response-body']);
  });
});

describe('when a test ends', () => {
  test('then whatever was undocumented fails it', async () => {
    const other = await startGitHub();
    await fetch(`${other.baseUrl}/nothing`);
    expect(() => other.expectNothingUndocumented()).toThrow(Undocumented);
    await expect(other.close()).rejects.toThrow(Undocumented);
  });

  test('then a failure that was scripted and not met fails it', async () => {
    const other = await startGitHub();
    other.failNext('checks/create', 502);
    await expect(other.close()).rejects.toThrow(NotMet);
  });
});

const ANNOTATION = {
  path: 'a.yaml',
  start_line: 1,
  end_line: 1,
  annotation_level: 'warning',
  message: 'm',
} as const;
