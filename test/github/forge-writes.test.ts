// What the controller writes to GitHub: each put can be repeated, interrupted and raced, and there is one of everything.

import type { Check, Forge } from '@seatrial/controller/github';
import { parseGitCommit } from '@seatrial/spec';
import { expect, test, vi } from 'vitest';
import { type GitHub, need } from './github.ts';
import type { PullRequest } from './model/repository.ts';
import { startGitHub } from './start-github.ts';
import { asPerson, forgeOf } from './support/forge-of.ts';

// A machine that does much else at the same time is slow, and not wrong.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 120_000 });

const MARKER = '<!-- seatrial:review -->';
const comment = (text: string) => ({ marker: MARKER, body: `${MARKER}\n${text}` });
const commitOf = (text: string) => need(parseGitCommit(text), 'commit');

interface Scene {
  readonly github: GitHub;
  readonly forge: Forge;
  readonly pull: PullRequest;
}

/** A pull request of one commit. */
async function openScene(github: GitHub): Promise<Scene> {
  const ada = await github.engineer('ada');
  await ada.push('feature', { 'a.yaml': 'a: 1\nb: 2\n' });
  return { github, forge: forgeOf(github), pull: await github.openPullRequest({ head: 'feature' }) };
}

const bodies = ({ github, pull }: Scene) => github.comments(pull).map(({ body }) => body);

test('when the comment is put again and again, then there is one, edited in place, and nothing is sent for the same', async () => {
  await using github = await startGitHub();
  const scene = await openScene(github);
  const { forge, pull } = scene;
  await github.comment(pull, 'What does this do?', 'bob');
  await forge.putComment(pull.number, comment('first'));
  await forge.putComment(pull.number, comment('second'));
  await forge.putComment(pull.number, comment('second'));
  expect(bodies(scene)).toEqual(['What does this do?', comment('second').body]);
  expect(github.requests('issues/create-comment')).toHaveLength(1);
  expect(github.requests('issues/update-comment')).toHaveLength(1);
});

test('when a person begins a comment with our marker, then theirs is left alone', async () => {
  await using github = await startGitHub();
  const scene = await openScene(github);
  await github.comment(scene.pull, comment('mine').body, 'mallory');
  await scene.forge.putComment(scene.pull.number, comment('ours'));
  expect(bodies(scene)).toEqual([comment('mine').body, comment('ours').body]);
});

test('when a comment is to be only where there is one, then none is made', async () => {
  await using github = await startGitHub();
  const scene = await openScene(github);
  const { forge, pull } = scene;
  await forge.putComment(pull.number, { ...comment('nothing here'), where: 'inPlace' });
  expect(bodies(scene)).toEqual([]);
  await forge.putComment(pull.number, comment('something'));
  await forge.putComment(pull.number, { ...comment('nothing any more'), where: 'inPlace' });
  expect(bodies(scene)).toEqual([comment('nothing any more').body]);
});

test.each([
  ['the answer to a post is lost', { kind: 'drop', carriedOut: true }],
  ['a post is answered with an outage although it was carried out', { kind: 'status', status: 502, carriedOut: true }],
] as const)(
  'when %s, then it is not sent again by itself, and the next put finds what was made',
  async (_what, failure) => {
    await using github = await startGitHub();
    const scene = await openScene(github);
    const { forge, pull } = scene;
    github.failNext('issues/create-comment', failure);
    await expect(forge.putComment(pull.number, comment('once'))).rejects.toMatchObject({ code: 'forge-unreachable' });
    await forge.putComment(pull.number, comment('once'));
    expect(bodies(scene)).toEqual([comment('once').body]);
  },
);

test('when a comment stands there twice all the same, then one is left', async () => {
  await using github = await startGitHub();
  const scene = await openScene(github);
  const { forge, pull } = scene;
  await forge.putComment(pull.number, { marker: 'other', body: `${MARKER} made by a race` });
  await forge.putComment(pull.number, { marker: 'another', body: `${MARKER} and its twin` });
  await forge.putComment(pull.number, comment('one'));
  expect(bodies(scene)).toEqual([comment('one').body]);
});

test('when a comment is too long for GitHub, then it says so and what was there stays', async () => {
  await using github = await startGitHub();
  const scene = await openScene(github);
  const { forge, pull } = scene;
  await forge.putComment(pull.number, comment('short'));
  const long = comment('x'.repeat(65_537));
  await expect(forge.putComment(pull.number, long)).rejects.toMatchObject({ code: 'forge-rejected' });
  expect(bodies(scene)).toEqual([comment('short').body]);
});

/* ---- Checks ---- */

const checkOf = ({ pull }: Scene, annotations: number, changes: Partial<Check> = {}): Check => ({
  commit: commitOf(pull.head.sha),
  name: 'seatrial',
  conclusion: 'success',
  title: 'Some boards',
  summary: 'some',
  text: 'all of it',
  annotations: Array.from({ length: annotations }, (_, index) => ({
    path: 'a.yaml',
    startLine: 1,
    endLine: 2,
    level: 'warning',
    title: `title ${index}`,
    message: `message ${index}`,
  })),
  ...changes,
});

const runs = ({ github, pull }: Scene) => github.checkRuns(pull.head.sha);
const titles = (scene: Scene) => runs(scene).map(run => run.annotations.map(({ title }) => title));

test('when a check has more annotations than one request takes, then all are there, once, in order', async () => {
  await using github = await startGitHub();
  const scene = await openScene(github);
  const check = checkOf(scene, 120);
  await scene.forge.putCheck(check);
  await scene.forge.putCheck(check);
  expect(titles(scene)).toEqual([check.annotations.map(({ title }) => title)]);
  expect(runs(scene)).toMatchObject([{ status: 'completed', conclusion: 'success', output: { text: 'all of it' } }]);
  expect(github.requests('checks/create')).toHaveLength(1);
  expect(github.requests('checks/update')).toHaveLength(2);
});

test('when the second portion does not arrive, then the check is in progress until the rest does, and none is there twice', async () => {
  await using github = await startGitHub();
  const scene = await openScene(github);
  const check = checkOf(scene, 120);
  github.failNext('checks/update', { kind: 'status', status: 403 });
  await expect(scene.forge.putCheck(check)).rejects.toMatchObject({ code: 'forge-refused' });
  expect(runs(scene)).toMatchObject([{ status: 'in_progress' }]);
  await scene.forge.putCheck(check);
  expect(titles(scene)).toEqual([check.annotations.map(({ title }) => title)]);
  expect(runs(scene)).toMatchObject([{ status: 'completed' }]);
});

test('when the answer to a portion is lost, then it is not added a second time', async () => {
  await using github = await startGitHub();
  const scene = await openScene(github);
  const check = checkOf(scene, 70);
  github.failNext('checks/create', { kind: 'drop', carriedOut: true });
  await expect(scene.forge.putCheck(check)).rejects.toMatchObject({ code: 'forge-unreachable' });
  await scene.forge.putCheck(check);
  expect(titles(scene)).toEqual([check.annotations.map(({ title }) => title)]);
});

test('when the verdict changes, then one without annotations is edited, and one with them is followed by another', async () => {
  await using github = await startGitHub();
  const scene = await openScene(github);
  const { forge } = scene;
  await forge.putCheck(checkOf(scene, 0));
  await forge.putCheck(checkOf(scene, 1, { conclusion: 'failure' }));
  expect(runs(scene)).toMatchObject([{ conclusion: 'failure', annotations: [{ title: 'title 0' }] }]);
  await forge.putCheck(checkOf(scene, 0, { conclusion: 'neutral' }));
  expect(runs(scene)).toMatchObject([{ conclusion: 'failure' }, { conclusion: 'neutral', annotations: [] }]);
});

test('when the check is put by a person, who can not write checks, then it is a status', async () => {
  await using github = await startGitHub();
  const scene = await openScene(github);
  const { pull } = scene;
  const forge = forgeOf(github, asPerson(github, 'ada'));
  const title = 'a title that is much too long for a status '.repeat(5);
  await forge.putCheck(checkOf(scene, 3, { conclusion: 'action_required', title }));
  const [status] = github.statuses(pull.head.sha);
  expect(status).toMatchObject({ context: 'seatrial', state: 'pending' });
  expect(status?.description?.length).toBe(140);
  expect(runs(scene)).toEqual([]);
});

test('when a status is put again, then it is sent only if it says something else', async () => {
  await using github = await startGitHub();
  const { forge, pull } = await openScene(github);
  const status = {
    commit: commitOf(pull.head.sha),
    context: 'seatrial/field',
    state: 'pending',
    description: '3 of 9',
  } as const;
  await forge.putStatus(status);
  await forge.putStatus(status);
  await forge.putStatus({ ...status, state: 'success', description: '9 of 9', url: 'https://example.com/field' });
  expect(github.statuses(pull.head.sha).map(({ description }) => description)).toEqual(['3 of 9', '9 of 9']);
});

/* ---- Commits and pull requests ---- */

const bytes = (text: string) => Buffer.from(text);

test('when a commit is put, then it holds exactly that, GitHub signed it, and putting it again makes none', async () => {
  await using github = await startGitHub({
    files: { 'a.yaml': 'a: 1\n', 'gone.yaml': 'x: 1\n', 'kept/b.yaml': 'b: 1\n' },
  });
  const forge = forgeOf(github);
  const onto = commitOf(need(await github.branch('main'), 'main'));
  const files = new Map([
    ['a.yaml', bytes('a: 2\n')],
    ['new/ü.yaml', Buffer.from([0xff, 0x00, 0x0a])],
    ['gone.yaml', undefined],
  ]);
  const proposed = { branch: 'seatrial/bump/field', onto, message: 'Bump field\n\nTo 2.', files };
  const made = await forge.putCommit(proposed);
  expect(await forge.putCommit(proposed)).toBe(made);
  const { git } = github.repository;
  expect(await git.git(['ls-tree', '-r', '--name-only', '-z', made])).toBe('a.yaml\0kept/b.yaml\0new/ü.yaml\0');
  expect(await github.fileAt(made, 'a.yaml')).toBe('a: 2\n');
  expect(await git.git(['cat-file', 'commit', made])).toContain('gpgsig');
  expect(await git.git(['log', '-1', '--format=%an %P', made])).toBe(`seatrial[bot] ${onto}\n`);
  expect(github.requests('git/create-commit')).toHaveLength(1);
});

test('when the branch is elsewhere, then it is moved to the one commit', async () => {
  await using github = await startGitHub({ files: { 'a.yaml': 'a: 1\n' } });
  const forge = forgeOf(github);
  const first = commitOf(need(await github.branch('main'), 'main'));
  await forge.putCommit({ branch: 'bump', onto: first, message: 'One', files: new Map([['a.yaml', bytes('a: 2\n')]]) });
  const ada = await github.engineer('ada');
  const onto = commitOf(await ada.push('main', { 'b.yaml': 'b: 1\n' }));
  const made = await forge.putCommit({
    branch: 'bump',
    onto,
    message: 'One',
    files: new Map([['a.yaml', bytes('a: 2\n')]]),
  });
  expect(await github.branch('bump')).toBe(made);
  expect(await github.repository.git.git(['rev-list', '--count', `${onto}..${made}`])).toBe('1\n');
});

test('when a pull request is put again, then it is edited in place, and the answer to the first may be lost', async () => {
  await using github = await startGitHub({ files: { 'a.yaml': 'a: 1\n' } });
  const forge = forgeOf(github);
  const onto = commitOf(need(await github.branch('main'), 'main'));
  await forge.putCommit({ branch: 'bump', onto, message: 'One', files: new Map([['a.yaml', bytes('a: 2\n')]]) });
  const proposal = { branch: 'bump', title: 'Bump', body: 'to 2', labels: ['seatrial', 'bump'] };
  expect(await forge.findPullRequest('bump')).toBeUndefined();
  github.failNext('pulls/create', { kind: 'drop', carriedOut: true });
  await expect(forge.putPullRequest(proposal)).rejects.toMatchObject({ code: 'forge-unreachable' });
  const { number } = await forge.putPullRequest(proposal);
  await forge.putPullRequest({ ...proposal, title: 'Bump to 3', body: 'to 3' });
  await forge.putPullRequest({ ...proposal, title: 'Bump to 3', body: 'to 3' });
  expect(github.pullRequests()).toMatchObject([
    { number, title: 'Bump to 3', body: 'to 3', labels: new Set(['seatrial', 'bump']) },
  ]);
  expect(github.requests('pulls/update')).toHaveLength(1);
  expect(github.requests('issues/add-labels')).toHaveLength(1);
});

test('when the pull request of a branch was closed, then it is found closed, and another may be opened', async () => {
  await using github = await startGitHub({ files: { 'a.yaml': 'a: 1\n' } });
  const forge = forgeOf(github);
  const onto = commitOf(need(await github.branch('main'), 'main'));
  await forge.putCommit({ branch: 'bump', onto, message: 'One', files: new Map([['a.yaml', bytes('a: 2\n')]]) });
  const proposal = { branch: 'bump', title: 'Bump', body: 'to 2', labels: [] };
  const first = await forge.putPullRequest(proposal);
  await github.closePullRequest(need(github.pullRequests()[0], 'pull request'));
  expect(await forge.findPullRequest('bump')).toMatchObject({ number: first.number, state: 'closed' });
  const second = await forge.putPullRequest(proposal);
  expect(second.number).not.toBe(first.number);
  expect(await forge.findPullRequest('bump')).toMatchObject({ number: second.number, state: 'open' });
});

test('when a branch is deleted, then it is gone, and deleting it again is fine', async () => {
  await using github = await startGitHub();
  const ada = await github.engineer('ada');
  await ada.push('done', { 'a.yaml': 'a: 1\n' });
  const forge = forgeOf(github);
  await forge.deleteBranch('done');
  await forge.deleteBranch('done');
  expect(await github.branch('done')).toBeUndefined();
});
