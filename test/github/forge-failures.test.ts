// GitHub at its worst: limits, refusals, outages, broken connections. Each has one code, nothing is half-done, and no message
// holds a secret.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readCredentials } from '@seatrial/controller/github';
import { expect, test, vi } from 'vitest';
import type { GitHub } from './github.ts';
import { startGitHub } from './start-github.ts';
import { asPerson, forgeOf } from './support/forge-of.ts';

// A machine that does much else at the same time is slow, and not wrong.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 120_000 });

async function withPull(github: GitHub) {
  const ada = await github.engineer('ada');
  await ada.push('feature', { 'a.yaml': 'a: 1\n' });
  return github.openPullRequest({ head: 'feature' });
}

test.each([
  [401, 'forge-refused'],
  [403, 'forge-refused'],
  [404, 'forge-missing'],
  [422, 'forge-rejected'],
] as const)('when GitHub answers %i, then it is asked once, and the code is %s', async (status, code) => {
  await using github = await startGitHub();
  const pull = await withPull(github);
  const forge = forgeOf(github, asPerson(github, 'ada'));
  github.failNext('pulls/get', {
    kind: 'answer',
    status,
    body: { message: 'No', documentation_url: 'https://docs.github.com/rest' },
  });
  await expect(forge.pullRequest(pull.number)).rejects.toMatchObject({ code, element: 'acme/fleets' });
  expect(await forge.pullRequest(pull.number)).toMatchObject({ number: pull.number });
  expect(github.requests('pulls/get')).toHaveLength(2);
});

test.each([500, 502, 504])('when GitHub answers %i, then reading is tried again, and then it works', async status => {
  await using github = await startGitHub();
  const pull = await withPull(github);
  github.failNext('pulls/get', { kind: 'status', status });
  expect(await forgeOf(github).pullRequest(pull.number)).toMatchObject({ number: pull.number });
  expect(github.requests('pulls/get')).toHaveLength(2);
});

test('when GitHub stays down, then reading is given up after a few tries', async () => {
  await using github = await startGitHub();
  const pull = await withPull(github);
  github.failNext('pulls/get', 503, { times: 3 });
  await expect(forgeOf(github).pullRequest(pull.number)).rejects.toMatchObject({ code: 'forge-unreachable' });
});

test('when a list breaks off in the middle, then it is asked for again, and never taken for an empty one', async () => {
  await using github = await startGitHub();
  const pull = await withPull(github);
  const forge = forgeOf(github);
  const body = '<!-- m -->\none';
  await forge.putComment(pull.number, { marker: '<!-- m -->', body });
  github.failNext('issues/list-comments', { kind: 'drop' });
  await forge.putComment(pull.number, { marker: '<!-- m -->', body });
  expect(github.comments(pull)).toHaveLength(1);
  expect(github.requests('issues/create-comment')).toHaveLength(1);
});

test('when listing comments meets a conflict, then that is a failure and not an empty list', async () => {
  await using github = await startGitHub();
  const pull = await withPull(github);
  const forge = forgeOf(github);
  github.failNext('issues/list-comments', {
    kind: 'answer',
    status: 409,
    body: { message: 'Conflict', documentation_url: 'https://x.invalid' },
  });
  const put = forge.putComment(pull.number, { marker: '<!-- m -->', body: '<!-- m -->' });
  await expect(put).rejects.toMatchObject({ code: 'forge-conflict' });
  expect(github.comments(pull)).toEqual([]);
});

test('when an answer does not come in time, then the request is given up', async () => {
  await using github = await startGitHub();
  const pull = await withPull(github);
  const forge = forgeOf(github, { timeoutMs: 300 });
  github.failNext('issues/create-comment', { kind: 'slow', ms: 2_000 });
  const put = forge.putComment(pull.number, { marker: '<!-- m -->', body: '<!-- m -->' });
  await expect(put).rejects.toMatchObject({ code: 'forge-unreachable' });
});

test('when nobody is at the address, then that is an outage', async () => {
  await using github = await startGitHub();
  const forge = forgeOf(github, { baseUrl: 'http://127.0.0.1:9' });
  await expect(forge.pullRequests()).rejects.toMatchObject({ code: 'forge-unreachable' });
});

/* ---- Limits ---- */

test.each([403, 429] as const)('when the hour is spent (%i), then no request is sent before its end', async status => {
  await using github = await startGitHub({ limits: { status } });
  const forge = forgeOf(github);
  await forge.pullRequests();
  github.exhaustRateLimit(3_600);
  await expect(forge.pullRequests()).rejects.toMatchObject({ code: 'forge-rate-limited' });
  const sent = github.requests().length;
  await expect(forge.pullRequests()).rejects.toMatchObject({ code: 'forge-rate-limited' });
  await expect(forge.reviews(1)).rejects.toMatchObject({ code: 'forge-rate-limited' });
  expect(github.requests()).toHaveLength(sent);
});

test('when a limit ends within seconds, then it is waited for', async () => {
  await using github = await startGitHub();
  const forge = forgeOf(github);
  await forge.pullRequests();
  github.exhaustRateLimit(1);
  expect(await forge.pullRequests()).toEqual([]);
});

test('when writes come too fast for GitHub, then it is left in peace for as long as it says', async () => {
  await using github = await startGitHub();
  const pull = await withPull(github);
  const forge = forgeOf(github);
  github.failNext('issues/create-comment', { kind: 'secondary-limit', retryAfterS: 60 });
  const put = () => forge.putComment(pull.number, { marker: '<!-- m -->', body: '<!-- m -->' });
  await expect(put()).rejects.toMatchObject({ code: 'forge-rate-limited' });
  const sent = github.requests().length;
  await expect(put()).rejects.toMatchObject({ code: 'forge-rate-limited' });
  expect(github.requests()).toHaveLength(sent);
});

test('when GitHub asks for a pause of a second, then the write is repeated after it, once', async () => {
  await using github = await startGitHub();
  const pull = await withPull(github);
  const forge = forgeOf(github);
  github.failNext('issues/create-comment', { kind: 'secondary-limit', retryAfterS: 1 });
  await forge.putComment(pull.number, { marker: '<!-- m -->', body: '<!-- m -->' });
  expect(github.comments(pull)).toHaveLength(1);
});

/* ---- Who we are ---- */

test('when the token of the installation is revoked, then a fresh one is asked for with the next request', async () => {
  await using github = await startGitHub();
  const forge = forgeOf(github);
  await forge.pullRequests();
  github.revokeTokens();
  await expect(forge.pullRequests()).rejects.toMatchObject({ code: 'forge-refused' });
  expect(await forge.pullRequests()).toEqual([]);
});

test('when the installation is suspended, then that is told, and it goes on when it is not any more', async () => {
  await using github = await startGitHub();
  const forge = forgeOf(github);
  github.suspendInstallation();
  await expect(forge.pullRequests()).rejects.toMatchObject({ code: 'forge-refused' });
  github.suspendInstallation(false);
  expect(await forge.pullRequests()).toEqual([]);
});

test('when a permission is missing, then that is told and nothing else is', async () => {
  await using github = await startGitHub({ permissions: { metadata: 'read', pull_requests: 'read' } });
  const pull = await withPull(github);
  const put = forgeOf(github).putComment(pull.number, { marker: '<!-- m -->', body: '<!-- m -->' });
  await expect(put).rejects.toMatchObject({ code: 'forge-refused' });
});

test('when the app is installed elsewhere, then the repository is missing', async () => {
  await using github = await startGitHub();
  await expect(forgeOf(github, { name: 'nothing' }).pullRequests()).rejects.toMatchObject({ code: 'forge-missing' });
});

/* ---- Secrets ---- */

test('when GitHub repeats in an error what it was sent, then no token and no key reaches the message', async () => {
  await using github = await startGitHub();
  const pull = await withPull(github);
  const [, keyLine = ''] = github.app.privateKey.split('\n');
  const person = asPerson(github, 'ada');
  const token = person.credentials?.kind === 'token' ? person.credentials.token : '';
  const installation = 'ghs_16C7e42F292c6912E7710c838347Ae178B4a';
  const jwt = 'eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiIxIn0.c2lnbmF0dXJl';
  const message = `header "authorization: token ${token}", bearer ${jwt}, ${installation}, key ${keyLine}, https://ada:hunter22@host/`;
  for (const forge of [forgeOf(github), forgeOf(github, person)]) {
    github.failNext('pulls/get', {
      kind: 'answer',
      status: 403,
      body: { message, documentation_url: 'https://x.invalid' },
    });
    const error: unknown = await forge.pullRequest(pull.number).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'forge-refused' });
    const told = JSON.stringify([String(error), error]) + (error instanceof Error ? (error.stack ?? '') : '');
    for (const secret of [token, jwt, installation, 'hunter22']) expect(told).not.toContain(secret);
  }
});

test('when the key of the app can not be read, then no part of the file is told', async () => {
  await using github = await startGitHub();
  const ada = await github.engineer('ada');
  const privateKeyFile = join(ada.folder, 'key.pem');
  writeFileSync(privateKeyFile, '-----BEGIN RSA PRIVATE KEY-----\nsecret\n-----END RSA PRIVATE KEY-----\n');
  const read = readCredentials({ app: { id: 1, privateKeyFile } });
  await expect(read).rejects.toMatchObject({
    code: 'forge-key-unreadable',
    message: expect.not.stringContaining('secret'),
  });
  writeFileSync(privateKeyFile, github.app.privateKey);
  const credentials = await readCredentials({ app: { id: github.app.id, privateKeyFile } });
  expect(await forgeOf(github, { credentials }).pullRequests()).toEqual([]);
});
