// After the merge: what GitHub shows of a merged pull request while boards move, and when they stop.

import { eventually } from '@seatrial/controller/test-lab';
import { afterEach, expect, test } from 'vitest';
import { need } from './github.ts';
import type { PullRequest, Status } from './model/repository.ts';
import { ConsoleLab, type LabOptions } from './support/console-lab.ts';

const HUBS = ['hub-1', 'hub-2', 'hub-3', 'hub-4'];
const POLICY = `apiVersion: seatrial.dev/v1alpha1
kind: ReviewPolicy
metadata: { name: house }
spec:
  teams: { ground-crew: [acme/ground-crew] }
`;

let lab: ConsoleLab;
afterEach(() => lab.close());

/** Four boards at rest on r-1. */
async function atRest(options: LabOptions = {}): Promise<void> {
  lab = await ConsoleLab.open({ ...options, github: { tell: '200ms', ...options.github } });
  await lab.start();
  await lab.boot(...HUBS);
  await untilDone('field-r1');
}

const untilDone = (rollout: string) =>
  eventually(
    () => lab.controller.office.rollouts()[0],
    found => found?.id === rollout && found.state.kind === 'done',
  );

/** What was there before is in force by then: a controller that looks at git late must not begin with what is merged. */
async function merge(branch: string, release: string, method: 'merge' | 'squash' = 'merge') {
  await eventually(
    () => lab.controller.office.rollouts(),
    rollouts => rollouts.length > 0,
  );
  const ada = await lab.ada();
  await ada.push(branch, { 'field/fleet.yaml': lab.filesOf({ release })['field/fleet.yaml'] ?? '' }, { from: 'main' });
  const pull = await lab.github.openPullRequest({ head: branch });
  const sha = await lab.github.mergePullRequest(pull, { method });
  return { pull, sha };
}

const status = (sha: string): Status | undefined => lab.github.statusesByContext(sha).get('seatrial/field');
const untilStatus = (sha: string, isWanted: (status: Status) => boolean) =>
  eventually(
    () => status(sha),
    found => found !== undefined && isWanted(found),
  ).then(found => need(found, 'status'));

const ours = (): readonly PullRequest[] =>
  lab.github.pullRequests().filter(({ author }) => author.login === 'seatrial[bot]');
const audit = () => lab.github.repository.git.git(['log', '--format=%an: %s', 'seatrial/audit']);

test.each(['merge', 'squash'] as const)(
  'when a release is merged by a %s, then the status of that commit and the one comment go along with the boards, each text once',
  async method => {
    await atRest();
    const { pull, sha } = await merge('release', 'r-2', method);
    const done = await untilStatus(sha, ({ state }) => state === 'success');
    expect(done.description).toContain('4/4 up to date');
    const said = await lab.untilSaid(pull, body => body.includes('completed'));
    expect(said).toContain('`r-2`');
    expect(lab.ours(pull)).toHaveLength(1);
    const texts = lab.github.statuses(sha).map(({ description }) => description);
    expect(texts.filter((text, index) => text === texts[index - 1])).toEqual([]);
    const asked = lab.github.requests().length;
    await lab.stop();
    await lab.start();
    await eventually(() => lab.github.requests().length > asked + 3);
    expect(lab.github.statuses(sha).map(({ description }) => description)).toEqual(texts);
    expect(lab.ours(pull).map(({ body }) => body)).toEqual([said]);
  },
);

test('when another release is merged in the middle, then the first ends as superseded', async () => {
  await atRest();
  for (const board of lab.boards) board.behaviour = 'ignores';
  const first = await merge('first', 'r-2');
  await untilStatus(first.sha, ({ state }) => state === 'pending');
  const second = await merge('second', 'r-3');
  const end = await untilStatus(
    first.sha,
    ({ description }) => description?.includes('superseded by field-r3') === true,
  );
  expect(end.state).toBe('error');
  await untilStatus(second.sha, ({ state }) => state === 'pending');
  await lab.untilSaid(first.pull, body => body.includes('superseded'));
});

test('when what was merged can not be put in force, then the status of that commit says so, once', async () => {
  await atRest();
  const ada = await lab.ada();
  const sha = await ada.push('main', { 'field/fleet.yaml': 'kind: Fleet\n\tbroken\n' });
  const refused = () => lab.github.statuses(sha).filter(({ context }) => context === 'seatrial');
  await eventually(() => refused().length > 0);
  expect(refused()).toMatchObject([{ state: 'failure' }]);
  expect(refused()[0]?.description).toContain('field/fleet.yaml');
  const next = await ada.push('main', {
    'field/fleet.yaml': lab.filesOf({ release: 'r-2' })['field/fleet.yaml'] ?? '',
  });
  await untilStatus(next, ({ state }) => state === 'success');
  expect(refused()).toHaveLength(1);
});

test('when GitHub refuses for a while, then the last word is told when it takes words again', async () => {
  await atRest();
  lab.github.failNext('repos/create-commit-status', 503, { times: 2 });
  lab.github.failNext('issues/create-comment', { kind: 'drop', carriedOut: true });
  const { pull, sha } = await merge('release', 'r-2');
  await untilDone('field-r2');
  await untilStatus(sha, ({ state }) => state === 'success');
  await lab.untilSaid(pull, body => body.includes('completed'));
  expect(lab.ours(pull)).toHaveLength(1);
});

test('when boards stop a release whose fleet wants to go back, then one signed pull request on the newest head takes it back', async () => {
  await atRest({ fleet: { onFailure: 'revert' } });
  for (const board of lab.boards) board.behaviour = 'fails';
  const { pull, sha } = await merge('release', 'r-2');
  const [revert] = await eventually(ours, found => found.length > 0);
  const proposed = need(revert, 'revert');
  expect(proposed.body).toContain('os-unhealthy');
  await untilStatus(sha, ({ state }) => state === 'failure');
  await lab.untilSaid(pull, body => body.includes(`revert #${proposed.number}`));
  const ada = await lab.ada();
  const moved = await ada.push('main', { 'README.md': 'Something else.\n' });
  await eventually(
    async () => lab.github.repository.git.git(['rev-parse', `${proposed.head.sha}^`]),
    parent => parent.trim() === moved,
  );
  expect(await lab.github.repository.git.git(['cat-file', 'commit', proposed.head.sha])).toContain('gpgsig');
  expect(await lab.github.fileAt(proposed.head.sha, 'field/fleet.yaml')).toBe(
    await lab.github.fileAt(`${sha}^`, 'field/fleet.yaml'),
  );

  for (const board of lab.boards) board.behaviour = 'obeys';
  const back = await lab.github.mergePullRequest(proposed);
  await untilDone('field-r3');
  await untilStatus(back, ({ state }) => state === 'success');
  await untilStatus(sha, ({ description }) => description?.includes('superseded') === true);
  expect(ours()).toHaveLength(1);
  await eventually(audit, story => story.includes('Propose to take field-r2 back to r-1'));
});

test('when a person closes the way back, then it stays closed, also for a controller that has lost its memory', async () => {
  await atRest({ fleet: { onFailure: 'revert' } });
  for (const board of lab.boards) board.behaviour = 'fails';
  await merge('release', 'r-2');
  const [revert] = await eventually(ours, found => found.length > 0);
  await eventually(audit, story => story.includes('Propose to take field-r2 back'));
  await lab.github.closePullRequest(need(revert, 'revert'));
  await lab.stop();
  lab.forget();
  const asked = lab.github.requests('pulls/list').length;
  await lab.start();
  await eventually(() => lab.controller.office.status().ready);
  await eventually(() => lab.github.requests('pulls/list').length > asked + 3);
  expect(ours().map(({ state }) => state)).toEqual(['closed']);
});

const WAITING: LabOptions = {
  fleet: { approvals: ['{ role: ground-crew, stage: 2 }'] },
  files: { 'seatrial.policy.yaml': POLICY },
};

test('when a stage waits for a role, then the review of a member of its team opens it, and the audit branch says whose', async () => {
  lab = await ConsoleLab.open({ ...WAITING, github: { tell: '200ms', poll: '300ms' } });
  lab.github.team('ground-crew', ['grace']);
  await lab.start();
  await lab.boot(...HUBS);
  const { pull, sha } = await merge('release', 'r-2', 'squash');
  await untilStatus(sha, ({ description }) => description?.includes('ground-crew') === true);
  await lab.github.review(pull, 'mallory');
  const taken = await lab.github.review(pull, 'grace');
  await lab.github.dismiss(pull, taken);
  const asked = lab.github.requests('pulls/list-reviews').length;
  await eventually(() => lab.github.requests('pulls/list-reviews').length > asked + 2);
  expect(lab.controller.office.rollouts()[0]).toMatchObject({ stage: 1, state: { kind: 'waiting', for: 'approval' } });
  await lab.github.review(pull, 'grace');
  await untilDone('field-r2');
  await eventually(audit, story => story.includes('grace: Approve stage 2 of field-r2 as ground-crew'));
});
