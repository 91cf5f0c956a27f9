import { describe, expect, test } from 'vitest';
import { FLEETS, installationClient, refusedWith } from './clients.ts';
import { startGitHub } from './start-github.ts';

describe('when a pull request is open', () => {
  test('then its head follows pushes, also forced ones, and its base is what it was at the last of them', async () => {
    await using github = await startGitHub();
    const { rest } = await installationClient(github);
    const ada = await github.engineer('ada');
    const first = await github.branch('main');
    const one = await ada.push('feature', { 'a.yaml': 'a: 1\n' });
    const { number: pull_number } = await github.openPullRequest({ head: 'feature' });
    const get = async () => (await rest.pulls.get({ ...FLEETS, pull_number })).data;
    expect(await get()).toMatchObject({ head: { sha: one, ref: 'feature' }, base: { sha: first, ref: 'main' } });
    const second = await ada.push('main', { 'b.yaml': 'b: 1\n' });
    expect(await get()).toMatchObject({ base: { sha: first } });
    const two = await ada.push('feature', { 'a.yaml': 'a: 2\n' });
    expect(await get()).toMatchObject({ head: { sha: two }, base: { sha: second }, commits: 2 });
    const three = await ada.forcePush('feature', { 'a.yaml': 'a: 3\n' });
    expect(await get()).toMatchObject({ head: { sha: three }, commits: 1, additions: 1, changed_files: 1 });
    expect((await rest.git.getRef({ ...FLEETS, ref: `pull/${pull_number}/head` })).data.object.sha).toBe(three);
  });

  test('then whether it can be merged is worked out between two looks, and anew after each push', async () => {
    await using github = await startGitHub({ files: { 'a.yaml': 'a: 0\n' } });
    const { rest } = await installationClient(github);
    const ada = await github.engineer('ada');
    await ada.push('feature', { 'a.yaml': 'a: 1\n' });
    const { number: pull_number } = await github.openPullRequest({ head: 'feature' });
    const mergeable = async () => (await rest.pulls.get({ ...FLEETS, pull_number })).data.mergeable;
    expect([await mergeable(), await mergeable()]).toEqual([null, true]);
    await ada.push('main', { 'a.yaml': 'a: 2\n' });
    expect([await mergeable(), await mergeable()]).toEqual([null, false]);
    expect(await refusedWith(rest.pulls.merge({ ...FLEETS, pull_number }))).toBe(405);
    await ada.push('feature', { 'b.yaml': 'b: 1\n' }, { message: 'Another file' });
    await ada.git('rebase', '--quiet', '-X', 'theirs', 'origin/main');
    await ada.git('push', '--quiet', '--force', 'origin', 'HEAD:feature');
    expect([await mergeable(), await mergeable()]).toEqual([null, true]);
  });

  test('then its state says whether checks and statuses of its head are well', async () => {
    await using github = await startGitHub();
    const { rest } = await installationClient(github);
    const sha = await (await github.engineer()).push('feature', { 'a.yaml': 'a: 1\n' });
    const { number: pull_number } = await github.openPullRequest({ head: 'feature' });
    const state = async () => (await rest.pulls.get({ ...FLEETS, pull_number })).data.mergeable_state;
    expect([await state(), await state()]).toEqual(['unknown', 'clean']);
    await rest.repos.createCommitStatus({ ...FLEETS, sha, state: 'pending', context: 'seatrial/lab' });
    expect(await state()).toBe('unstable');
    await rest.repos.createCommitStatus({ ...FLEETS, sha, state: 'success', context: 'seatrial/lab' });
    expect(await state()).toBe('clean');
  });

  test('then deleting its branch closes it, and it can not be opened again until the branch is back', async () => {
    await using github = await startGitHub();
    const { rest } = await installationClient(github);
    const ada = await github.engineer('ada');
    await ada.push('feature', { 'a.yaml': 'a: 1\n' });
    const pull = await github.openPullRequest({ head: 'feature' });
    await ada.deleteBranch('feature');
    expect(pull.state).toBe('closed');
    const reopen = () => rest.pulls.update({ ...FLEETS, pull_number: pull.number, state: 'open' });
    expect(await refusedWith(reopen())).toBe(422);
    await ada.push('feature', { 'a.yaml': 'a: 1\n' });
    expect((await reopen()).data.state).toBe('open');
  });

  test('then nothing is left of it when its branch is put back to the base', async () => {
    await using github = await startGitHub();
    const ada = await github.engineer('ada');
    await ada.push('feature', { 'a.yaml': 'a: 1\n' });
    const pull = await github.openPullRequest({ head: 'feature' });
    await ada.git('push', '--quiet', '--force', 'origin', 'origin/main:refs/heads/feature');
    await (await installationClient(github)).rest.repos.get(FLEETS);
    expect(pull).toMatchObject({ state: 'closed', merged: undefined });
  });

  test('then a second one of the same branches is refused, as is one without commits or of a branch that is not there', async () => {
    await using github = await startGitHub();
    const { rest } = await installationClient(github);
    const ada = await github.engineer('ada');
    await ada.push('feature', { 'a.yaml': 'a: 1\n' });
    await ada.git('push', '--quiet', 'origin', 'origin/main:refs/heads/same');
    const open = (head: string) => refusedWith(rest.pulls.create({ ...FLEETS, head, base: 'main', title: 'a' }));
    expect(await open('feature')).toBeUndefined();
    expect(await open('feature')).toBe(422);
    expect(await open('same')).toBe(422);
    expect(await open('nowhere')).toBe(422);
  });
});

describe('when a pull request is merged', () => {
  test('then git has the merge, and GitHub has signed it', async () => {
    await using github = await startGitHub();
    const { rest } = await installationClient(github);
    const head = await (await github.engineer()).push('feature', { 'a.yaml': 'a: 1\n' });
    const base = await github.branch('main');
    const { number: pull_number } = await github.openPullRequest({ head: 'feature' });
    const { data } = await rest.pulls.merge({ ...FLEETS, pull_number, sha: head });
    expect(await github.branch('main')).toBe(data.sha);
    const { data: commit } = await rest.git.getCommit({ ...FLEETS, commit_sha: data.sha });
    expect(commit.parents.map(({ sha }) => sha)).toEqual([base, head]);
    expect(commit.verification.verified).toBe(true);
    const { data: pull } = await rest.pulls.get({ ...FLEETS, pull_number });
    expect(pull).toMatchObject({ merged: true, state: 'closed', merge_commit_sha: data.sha });
    const found = await rest.repos.listPullRequestsAssociatedWithCommit({ ...FLEETS, commit_sha: data.sha });
    expect(found.data.map(({ number }) => number)).toEqual([pull_number]);
  });

  test('then a squash is one commit upon the base', async () => {
    await using github = await startGitHub();
    const ada = await github.engineer();
    await ada.push('feature', { 'a.yaml': 'a: 1\n' });
    await ada.push('feature', { 'a.yaml': 'a: 2\n' });
    const base = await github.branch('main');
    const merged = await github.mergePullRequest(await github.openPullRequest({ head: 'feature' }), {
      method: 'squash',
    });
    expect((await github.repository.git.git(['rev-list', '--parents', '-1', merged])).trim()).toBe(`${merged} ${base}`);
    expect(await github.fileAt('main', 'a.yaml')).toBe('a: 2\n');
  });

  test('then a head that has moved is refused', async () => {
    await using github = await startGitHub();
    const { rest } = await installationClient(github);
    const ada = await github.engineer();
    const sha = await ada.push('feature', { 'a.yaml': 'a: 1\n' });
    const { number: pull_number } = await github.openPullRequest({ head: 'feature' });
    await ada.push('feature', { 'a.yaml': 'a: 2\n' });
    expect(await refusedWith(rest.pulls.merge({ ...FLEETS, pull_number, sha }))).toBe(409);
  });

  test('then a push of its commits to the base counts as well', async () => {
    await using github = await startGitHub();
    const ada = await github.engineer();
    const sha = await ada.push('feature', { 'a.yaml': 'a: 1\n' });
    const pull = await github.openPullRequest({ head: 'feature' });
    await ada.git('push', '--quiet', 'origin', 'feature:main');
    await (await installationClient(github)).rest.repos.get(FLEETS);
    expect(pull).toMatchObject({ state: 'closed', merged: { sha } });
  });
});

describe('when a pull request comes from a fork', () => {
  test('then its commits can be read in the repository, and what is in them is told as it is', async () => {
    await using github = await startGitHub();
    const { rest } = await installationClient(github);
    const fork = await github.fork('mallory');
    const mallory = await github.engineer('mallory', { in: fork });
    const path = 'fleets/"](javascript:alert(1)) ü.yaml';
    const sha = await mallory.push('evil', { [path]: '"</details><script>": `a`\n' });
    const { number: pull_number } = await github.openPullRequest({ head: 'mallory:evil', by: 'mallory' });
    const { data } = await rest.pulls.get({ ...FLEETS, pull_number });
    expect(data.head).toMatchObject({ label: 'mallory:evil', sha, repo: { full_name: 'mallory/fleets', fork: true } });
    const { data: files } = await rest.pulls.listFiles({ ...FLEETS, pull_number });
    expect(files.map(({ filename, status, additions }) => [filename, status, additions])).toEqual([[path, 'added', 1]]);
    expect((await rest.git.getCommit({ ...FLEETS, commit_sha: sha })).data.sha).toBe(sha);
    const again = await mallory.push('evil', { [path]: null, 'b.yaml': 'b: 1\n' });
    expect((await rest.pulls.get({ ...FLEETS, pull_number })).data.head.sha).toBe(again);
    const found = await rest.pulls.list({ ...FLEETS, head: 'mallory:evil' });
    expect(found.data.map(({ number }) => number)).toEqual([pull_number]);
  });
});

describe('when files of a pull request are listed', () => {
  test('then renames, changes of text and removals are told apart', async () => {
    const lines = 'one\ntwo\nthree\nfour\nfive\n';
    await using github = await startGitHub({ files: { 'a.yaml': lines, 'b.yaml': 'b\n', 'c.yaml': 'c\n' } });
    const { rest } = await installationClient(github);
    const ada = await github.engineer();
    await ada.push('feature', {
      'a.yaml': null,
      'new a.yaml': `${lines}six\n`,
      'b.yaml': null,
      'c.yaml': 'd\n',
      e: '\0',
    });
    const { number: pull_number } = await github.openPullRequest({ head: 'feature' });
    const { data } = await rest.pulls.listFiles({ ...FLEETS, pull_number });
    expect(
      data.map(({ filename, status, additions, deletions, patch, previous_filename: before }) => ({
        filename,
        told: [status, additions, deletions, before ?? '', (patch ?? '').split('\n').length],
      })),
    ).toEqual([
      { filename: 'b.yaml', told: ['removed', 0, 1, '', 2] },
      { filename: 'c.yaml', told: ['modified', 1, 1, '', 3] },
      { filename: 'e', told: ['added', 0, 0, '', 1] },
      { filename: 'new a.yaml', told: ['renamed', 1, 0, 'a.yaml', 5] },
    ]);
  });
});
