// Webhooks: only signed ones count, each counts once, and none is needed.

import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Engineer } from './engineer.ts';
import { ConsoleLab, eventually } from './support/console-lab.ts';

// A machine that does much else at the same time is slow, and not wrong.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 120_000 });

let lab: ConsoleLab;
let ada: Engineer;

beforeAll(async () => {
  // Nothing is found by polling while these tests run, unless a test says so.
  lab = await ConsoleLab.open({ github: { poll: '1h' } });
  ada = await lab.ada();
  await lab.start({ git: { repository: lab.github.repository.git.path, poll: '1h' } });
  await lab.boot('hub-1');
});
afterAll(() => lab.close());

const url = () => `${lab.controller.url}/webhooks/github`;
const signed = (body: string, secret = lab.github.app.webhookSecret) =>
  `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;

interface Sent {
  readonly body: string;
  readonly delivery?: string;
  readonly signature?: string;
  readonly event?: string;
}

async function send({ body, delivery = 'd-1', signature = signed(body), event = 'push' }: Sent) {
  const headers = {
    'content-type': 'application/json',
    'x-github-event': event,
    'x-github-delivery': delivery,
    'x-hub-signature-256': signature,
  };
  const response = await fetch(url(), { method: 'POST', headers, body });
  const answer = (await response.json()) as { error?: { code: string }; woken?: boolean };
  return { status: response.status, code: answer.error?.code, woken: answer.woken };
}

const bodyOf = (word: string, repository = 'acme/fleets') =>
  JSON.stringify({ word, repository: { full_name: repository } });

test('when a pull request is opened, then its webhook has it reviewed at once', async () => {
  await ada.push('told', { 'docs/a.md': 'a\n' });
  const pull = await lab.github.openPullRequest({ head: 'told' });
  await lab.untilChecked(pull);
  await lab.github.webhooks.settled();
  expect(lab.github.webhooks.list().every(({ statusCode }) => statusCode === 202)).toBe(true);
});

test('when the branch of the fleet is pushed to, then the new commit is in force at once', async () => {
  const head = await ada.push('main', { 'docs/b.md': 'b\n' });
  const commit = () => lab.controller.office.status().source.inForce?.commit;
  expect(await eventually(commit, found => found === head)).toBe(head);
});

test.each([
  ['another secret', () => signed(bodyOf('x'), 'not the secret')],
  ['the signature of another body', () => signed(bodyOf('another'))],
  ['no algorithm', () => signed(bodyOf('x')).slice('sha256='.length)],
  ['another algorithm', () => signed(bodyOf('x')).replace('sha256', 'sha1')],
  ['an empty signature', () => ''],
])('when a webhook carries %s, then it is refused with 401 and wakes nobody', async (_what, signature) => {
  const before = lab.github.requests('pulls/list').length;
  const answer = await send({ body: bodyOf('x'), delivery: 'forged', signature: signature() });
  expect(answer).toMatchObject({ status: 401, code: 'webhook-unsigned' });
  expect(lab.github.requests('pulls/list')).toHaveLength(before);
});

test('when the body was altered on its way, then it is refused, and so is one without any signature', async () => {
  const body = bodyOf('altered');
  const response = await fetch(url(), { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  expect(response.status).toBe(401);
  expect(await send({ body: `${body} `, signature: signed(body) })).toMatchObject({ status: 401 });
});

test('when a webhook is sent twice, then the second is refused: by its delivery, and by its body under another one', async () => {
  const body = bodyOf('twice');
  expect(await send({ body, delivery: 'twice-1' })).toMatchObject({ status: 202, woken: true });
  expect(await send({ body, delivery: 'twice-1' })).toMatchObject({ status: 409, code: 'webhook-replayed' });
  expect(await send({ body, delivery: 'twice-2' })).toMatchObject({ status: 409, code: 'webhook-replayed' });
  expect(await send({ body: bodyOf('other'), delivery: 'twice-1' })).toMatchObject({ status: 409 });
});

test('when the controller is started anew, then it still knows what it has taken', async () => {
  const body = bodyOf('before the restart');
  expect(await send({ body, delivery: 'restart' })).toMatchObject({ status: 202 });
  await lab.stop();
  await lab.start({ git: { repository: lab.github.repository.git.path, poll: '1h' } });
  expect(await send({ body, delivery: 'restart' })).toMatchObject({ status: 409 });
});

test('when a webhook is of another repository, then it wakes nobody', async () => {
  expect(await send({ body: bodyOf('x', 'acme/other'), delivery: 'other' })).toMatchObject({
    status: 202,
    woken: false,
  });
});

test.each([
  ['no JSON', 'no JSON', 400, 'request-malformed'],
  ['too large', `"${'x'.repeat(1024 * 1024)}"`, 413, 'webhook-oversized'],
] as const)('when the body of a signed webhook is %s, then it is refused', async (what, body, status, code) => {
  expect(await send({ body, delivery: what.replaceAll(' ', '-') })).toMatchObject({ status, code });
});

test('when an event has an unheard-of name, then it is refused', async () => {
  expect(await send({ body: bodyOf('name'), delivery: 'name', event: 'Push; rm -rf' })).toMatchObject({ status: 400 });
});

test('when webhooks are lost or forged, then polling finds what they told', async () => {
  await lab.stop();
  await lab.start({ github: { ...lab.githubConfig, poll: '500ms' } });
  lab.github.webhooks.loseNext();
  lab.github.webhooks.loseNext();
  await ada.push('missed', { 'docs/c.md': 'c\n' });
  const lost = await lab.github.openPullRequest({ head: 'missed' });
  await lab.untilChecked(lost);
  lab.github.webhooks.forgeNext();
  lab.github.webhooks.alterNext();
  await ada.push('forged', { 'docs/d.md': 'd\n' });
  await lab.untilChecked(await lab.github.openPullRequest({ head: 'forged' }));
  await lab.github.webhooks.settled();
  const codes = lab.github.webhooks
    .list()
    .slice(0, 2)
    .map(({ statusCode }) => statusCode);
  expect(codes).toEqual([401, 401]);
});
