// What the controller learns from GitHub: pull requests, reviews, teams.

import { expect, test, vi } from 'vitest';
import { startGitHub } from './start-github.ts';
import { asPerson, forgeOf } from './support/forge-of.ts';

// A machine that does much else at the same time is slow, and not wrong.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 120_000 });

test('when pull requests are listed, then those into the branch are there, whoever they are from, and page by page', async () => {
  await using github = await startGitHub();
  const ada = await github.engineer('ada');
  const forge = forgeOf(github);
  const head = await ada.push('feature', { 'a.yaml': 'a: 1\n' });
  const own = await github.openPullRequest({ head: 'feature', title: 'Feature', draft: true });
  const fork = await github.fork('mallory');
  const mallory = await github.engineer('mallory', { in: fork });
  await mallory.push('evil', { 'a.yaml': 'a: 2\n' });
  await github.openPullRequest({ head: 'mallory:evil', by: 'mallory' });
  await ada.push('next', {});
  await github.openPullRequest({ head: 'feature', base: 'next' });
  const pulls = await forge.pullRequests();
  expect(pulls).toMatchObject([
    { author: 'mallory', isFork: true, headBranch: 'evil', state: 'open' },
    {
      number: own.number,
      title: 'Feature',
      author: 'ada',
      isFork: false,
      isDraft: true,
      head,
      headBranch: 'feature',
      baseBranch: 'main',
    },
  ]);
});

test('when there are more pull requests than a page holds, then all are listed', async () => {
  await using github = await startGitHub();
  const ada = await github.engineer('ada');
  await ada.push('branch', { 'a.yaml': 'a: 1\n' });
  const branches = Array.from({ length: 103 }, (_, index) => `branch-${index}`);
  await ada.git('push', '--quiet', 'origin', ...branches.map(branch => `HEAD:refs/heads/${branch}`));
  for (const head of branches) await github.openPullRequest({ head });
  expect(await forgeOf(github).pullRequests()).toHaveLength(103);
  expect(github.requests('pulls/list')).toHaveLength(2);
});

test('when a pull request was merged, then it says as what and by whom, and the commit leads back to it', async () => {
  await using github = await startGitHub();
  const ada = await github.engineer('ada');
  await ada.push('feature', { 'a.yaml': 'a: 1\n' });
  const pull = await github.openPullRequest({ head: 'feature' });
  const merged = await github.mergePullRequest(pull, { by: 'bob' });
  const forge = forgeOf(github);
  expect(await forge.pullRequest(pull.number)).toMatchObject({ state: 'merged', mergedAs: merged, mergedBy: 'bob' });
  const found = await forge.pullRequestsOf((await forge.pullRequest(pull.number)).mergedAs ?? neverMerged());
  expect(found.map(({ number }) => number)).toEqual([pull.number]);
});

test('when people review, then each verdict is told with its commit', async () => {
  await using github = await startGitHub();
  const ada = await github.engineer('ada');
  const first = await ada.push('feature', { 'a.yaml': 'a: 1\n' });
  const pull = await github.openPullRequest({ head: 'feature' });
  await github.review(pull, 'bob');
  const second = await ada.push('feature', { 'a.yaml': 'a: 2\n' });
  await github.review(pull, 'eve', 'CHANGES_REQUESTED');
  await github.dismiss(pull, await github.review(pull, 'carol'));
  await github.review(pull, 'dan', 'COMMENTED');
  expect(await forgeOf(github).reviews(pull.number)).toMatchObject([
    { by: 'bob', verdict: 'approved', commit: first },
    { by: 'eve', verdict: 'changesRequested', commit: second },
    { by: 'carol', verdict: 'dismissed', commit: second },
    { by: 'dan', verdict: 'commented', commit: second },
  ]);
});

test('when it is asked who belongs to a team, then strangers and unknown teams are a plain no', async () => {
  await using github = await startGitHub();
  github.team('owners', ['ada']);
  const forge = forgeOf(github);
  expect(await forge.isMember('acme/owners', 'ada')).toBe(true);
  expect(await forge.isMember('acme/owners', 'mallory')).toBe(false);
  expect(await forge.isMember('acme/nobody', 'ada')).toBe(false);
});

test('when nothing has changed since, then asking again costs nothing of the limit', async () => {
  await using github = await startGitHub();
  const ada = await github.engineer('ada');
  await ada.push('feature', { 'a.yaml': 'a: 1\n' });
  const pull = await github.openPullRequest({ head: 'feature' });
  const forge = forgeOf(github);
  const before = await forge.pullRequests();
  expect(await forge.pullRequests()).toEqual(before);
  expect(github.requests('pulls/list').map(({ status }) => status)).toEqual([200, 304]);
  await github.edit(pull, { title: 'Another title' });
  expect(await forge.pullRequests()).toMatchObject([{ title: 'Another title' }]);
});

test.each([
  ['an app', false],
  ['a person', true],
])('when %s asks an enterprise server, then its addresses are used', async (_who, isPerson) => {
  await using github = await startGitHub({ enterprise: true });
  await github.engineer('ada');
  const forge = forgeOf(github, isPerson ? asPerson(github, 'ada') : {});
  expect(await forge.pullRequests()).toEqual([]);
});

const neverMerged = (): never => {
  throw new Error('the pull request was not merged');
};
