import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { appClient, FLEETS, installationClient } from '../clients.ts';
import { need } from '../github.ts';
import { type GitHubOptions, startGitHub } from '../start-github.ts';
import { type Received, Receiver } from './receiver.ts';

/** A GitHub whose webhooks are received. */
async function received(options: GitHubOptions = {}) {
  const receiver = await Receiver.open();
  const github = await startGitHub(options);
  github.deliverTo(receiver.url);
  return { github, receiver };
}

const isGenuine = ({ text, signature }: Received, secret: string): boolean =>
  signature === `sha256=${createHmac('sha256', secret).update(text).digest('hex')}`;

describe('when people and apps do something', () => {
  test('then webhooks tell it, in order, signed', async () => {
    const lab = await received();
    await using github = lab.github;
    await using receiver = lab.receiver;
    const ada = await github.engineer('ada');
    const before = await ada.push('feature', { 'a.yaml': 'a: 1\n' });
    const pull = await github.openPullRequest({ head: 'feature' });
    const after = await ada.push('feature', { 'b.yaml': 'b: 1\n', 'a.yaml': null });
    await github.edit(pull, { title: 'Better' });
    await github.label(pull, 'seatrial');
    const review = await github.review(pull, 'bob');
    await github.dismiss(pull, review);
    const { rest } = await installationClient(github);
    const { data: comment } = await rest.issues.createComment({ ...FLEETS, issue_number: pull.number, body: 'hello' });
    await rest.issues.updateComment({ ...FLEETS, comment_id: comment.id, body: 'hello again' });
    await rest.checks.create({ ...FLEETS, name: 'seatrial', head_sha: after, conclusion: 'neutral' });
    await github.rerequest(need(github.checkRuns(after)[0], 'check run'));
    await github.closePullRequest(pull);
    await github.reopenPullRequest(pull);
    await github.mergePullRequest(pull);
    await github.webhooks.settled();
    expect(receiver.names()).toEqual([
      'push',
      'pull_request.opened',
      'push',
      'pull_request.synchronize',
      'pull_request.edited',
      'pull_request.labeled',
      'pull_request_review.submitted',
      'pull_request_review.dismissed',
      'issue_comment.created',
      'issue_comment.edited',
      'check_run.rerequested',
      'pull_request.closed',
      'pull_request.reopened',
      'pull_request.closed',
      'push',
    ]);
    expect(receiver.received.filter(hook => !isGenuine(hook, github.app.webhookSecret))).toEqual([]);
    expect(new Set(receiver.received.map(({ guid }) => guid)).size).toBe(receiver.received.length);
    expect(receiver.received[3]?.payload).toMatchObject({ before, after, number: pull.number });
    expect(receiver.received[2]?.payload).toMatchObject({
      forced: false,
      commits: [{ id: after, added: ['b.yaml'], removed: ['a.yaml'] }],
      pusher: { name: 'ada' },
    });
  });

  test('then a forced push, a new branch and a deleted one say that they are', async () => {
    const lab = await received();
    await using github = lab.github;
    await using receiver = lab.receiver;
    const ada = await github.engineer('ada');
    await ada.push('feature', { 'a.yaml': 'a: 1\n' });
    await ada.forcePush('feature', { 'a.yaml': 'a: 2\n' });
    await ada.deleteBranch('feature');
    await github.webhooks.settled();
    const told = receiver.received.map(({ payload: { created, forced, deleted } }) => ({ created, forced, deleted }));
    expect(told).toEqual([
      { created: true, forced: false, deleted: false },
      { created: false, forced: true, deleted: false },
      { created: false, forced: false, deleted: true },
    ]);
  });

  test('then a push by the path of the repository is noticed when somebody waits for it', async () => {
    const lab = await received();
    await using github = lab.github;
    await using receiver = lab.receiver;
    const ada = await github.engineer('ada');
    await ada.git('push', '--quiet', 'origin', 'origin/main:refs/heads/audit');
    await github.settled();
    expect(receiver.received[0]?.payload).toMatchObject({ ref: 'refs/heads/audit', pusher: { name: 'ada' } });
  });

  test('then nothing is told of what the app did not subscribe to', async () => {
    const lab = await received({ events: ['push'] });
    await using github = lab.github;
    await using receiver = lab.receiver;
    await (await github.engineer()).push('feature', { 'a.yaml': 'a: 1\n' });
    await github.openPullRequest({ head: 'feature' });
    await github.webhooks.settled();
    expect(receiver.names()).toEqual(['push']);
  });
});

test('when a webhook is set up, then it is pinged whatever the app subscribed to', async () => {
  const lab = await received({ events: [] });
  await using github = lab.github;
  await using receiver = lab.receiver;
  await github.ping();
  expect(receiver.names()).toEqual(['ping']);
});

describe('when deliveries go wrong', () => {
  test('then a lost one is listed as failed, and comes again by the API under the same guid', async () => {
    const lab = await received();
    await using github = lab.github;
    await using receiver = lab.receiver;
    github.webhooks.loseNext();
    await (await github.engineer()).push('feature', { 'a.yaml': 'a: 1\n' });
    await github.webhooks.settled();
    expect(receiver.received).toEqual([]);
    const { rest } = appClient(github).octokit;
    const { data: failed } = await rest.apps.listWebhookDeliveries({ status: 'failure' });
    const { id, guid } = need(failed[0], 'failed delivery');
    await rest.apps.redeliverWebhookDelivery({ delivery_id: id });
    await github.webhooks.settled();
    expect(receiver.received.map(hook => hook.guid)).toEqual([guid]);
    const { data: all } = await rest.apps.listWebhookDeliveries();
    expect(all.map(({ redelivery, status_code }) => [redelivery, status_code])).toEqual([
      [true, 202],
      [false, 502],
    ]);
    const { data: whole } = await rest.apps.getWebhookDelivery({ delivery_id: id });
    expect(whole.request.payload).toMatchObject({ ref: 'refs/heads/feature' });
  });

  test('then one that the service refuses is listed so', async () => {
    const lab = await received();
    await using github = lab.github;
    await using receiver = lab.receiver;
    receiver.status = 503;
    await (await github.engineer()).push('feature', { 'a.yaml': 'a: 1\n' });
    await github.webhooks.settled();
    const { data } = await appClient(github).octokit.rest.apps.listWebhookDeliveries();
    expect(data.map(({ status_code }) => status_code)).toEqual([503]);
  });

  test('then they come twice, or with a wrong signature, or altered', async () => {
    const lab = await received({ events: ['issue_comment'] });
    await using github = lab.github;
    await using receiver = lab.receiver;
    await (await github.engineer()).push('feature', { 'a.yaml': 'a: 1\n' });
    const pull = await github.openPullRequest({ head: 'feature' });
    github.webhooks.deliverNextTwice();
    github.webhooks.forgeNext();
    github.webhooks.alterNext();
    for (const body of ['one', 'two', 'three', 'four']) await github.comment(pull, body);
    await github.webhooks.settled();
    expect(receiver.received.map(hook => isGenuine(hook, github.app.webhookSecret))).toEqual([
      true,
      true,
      false,
      false,
      true,
    ]);
    expect(receiver.received[0]?.guid).toBe(receiver.received[1]?.guid);
  });

  test('then they come late and the other way round', async () => {
    const lab = await received({ events: ['push', 'pull_request'] });
    await using github = lab.github;
    await using receiver = lab.receiver;
    github.webhooks.hold();
    await (await github.engineer()).push('feature', { 'a.yaml': 'a: 1\n' });
    await github.openPullRequest({ head: 'feature' });
    await github.webhooks.settled();
    expect(receiver.names()).toEqual([]);
    await github.webhooks.release('reversed');
    expect(receiver.names()).toEqual(['pull_request.opened', 'push']);
  });

  test('then a list of many is read page by page with its cursor', async () => {
    const lab = await received({ events: ['issue_comment'] });
    await using github = lab.github;
    await using _receiver = lab.receiver;
    await (await github.engineer()).push('feature', { 'a.yaml': 'a: 1\n' });
    const pull = await github.openPullRequest({ head: 'feature' });
    for (let number = 0; number < 5; number += 1) await github.comment(pull, `comment ${number}`);
    await github.webhooks.settled();
    const { octokit } = appClient(github);
    const all = await octokit.paginate(octokit.rest.apps.listWebhookDeliveries, { per_page: 2 });
    expect(all).toHaveLength(5);
    expect(github.requests('apps/list-webhook-deliveries')).toHaveLength(3);
  });
});
