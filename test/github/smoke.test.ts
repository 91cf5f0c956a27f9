import { App, Octokit } from 'octokit';
import { expect, test } from 'vitest';
import { need } from './github.ts';
import { startGitHub } from './start-github.ts';

test('when everything is asked once, then all of it is documented', async () => {
  const github = await startGitHub();
  const app = new App({
    appId: github.app.id,
    privateKey: github.app.privateKey,
    Octokit: Octokit.defaults({
      baseUrl: github.baseUrl,
      userAgent: 'seatrial',
      retry: { enabled: false },
      throttle: { enabled: false },
    }),
  });
  const { data: me } = await app.octokit.rest.apps.getAuthenticated();
  expect(me?.slug).toBe('seatrial');
  const where = { owner: 'acme', repo: 'fleets' };
  const { data: installation } = await app.octokit.rest.apps.getRepoInstallation(where);
  const octokit = await app.getInstallationOctokit(installation.id);
  const { rest } = octokit;
  const ada = await github.engineer('ada');
  const sha = await ada.push('feature', { 'fleets/a.yaml': 'a: 1\n', 'b/c d.txt': 'x' });
  const pr = await github.openPullRequest({ head: 'feature' });
  await rest.repos.get(where);
  await rest.pulls.get({ ...where, pull_number: pr.number });
  await rest.pulls.get({ ...where, pull_number: pr.number });
  await rest.pulls.list({ ...where, head: 'acme:feature' });
  await rest.pulls.listFiles({ ...where, pull_number: pr.number });
  await rest.pulls.listCommits({ ...where, pull_number: pr.number });
  await github.review(pr, 'bob');
  await rest.pulls.listReviews({ ...where, pull_number: pr.number });
  await rest.pulls.update({ ...where, pull_number: pr.number, title: 'Better', body: 'text' });
  const { data: comment } = await rest.issues.createComment({ ...where, issue_number: pr.number, body: 'hello' });
  await rest.issues.updateComment({ ...where, comment_id: comment.id, body: 'hello again' });
  await rest.issues.getComment({ ...where, comment_id: comment.id });
  await rest.issues.listComments({ ...where, issue_number: pr.number });
  await rest.issues.deleteComment({ ...where, comment_id: comment.id });
  await rest.issues.addLabels({ ...where, issue_number: pr.number, labels: ['a', 'b'] });
  await rest.issues.removeLabel({ ...where, issue_number: pr.number, name: 'a' });
  await rest.issues.listLabelsOnIssue({ ...where, issue_number: pr.number });
  const { data: run } = await rest.checks.create({ ...where, name: 'seatrial', head_sha: sha, status: 'in_progress' });
  await rest.checks.update({
    ...where,
    check_run_id: run.id,
    conclusion: 'neutral',
    output: {
      title: 't',
      summary: 's',
      annotations: [{ path: 'fleets/a.yaml', start_line: 1, end_line: 1, annotation_level: 'warning', message: 'm' }],
    },
  });
  await rest.checks.get({ ...where, check_run_id: run.id });
  await rest.checks.listAnnotations({ ...where, check_run_id: run.id });
  await rest.checks.listForRef({ ...where, ref: sha });
  await rest.repos.createCommitStatus({ ...where, sha, state: 'pending', context: 'seatrial/a', description: 'd' });
  await rest.repos.listCommitStatusesForRef({ ...where, ref: sha });
  await rest.repos.getCombinedStatusForRef({ ...where, ref: 'feature' });
  await rest.repos.getCommit({ ...where, ref: sha });
  await rest.repos.listPullRequestsAssociatedWithCommit({ ...where, commit_sha: sha });
  const { data: ref } = await rest.git.getRef({ ...where, ref: 'heads/feature' });
  expect(ref.object.sha).toBe(sha);
  const { data: parent } = await rest.git.getCommit({ ...where, commit_sha: sha });
  const { data: blob } = await rest.git.createBlob({ ...where, content: 'eA==', encoding: 'base64' });
  await rest.git.getBlob({ ...where, file_sha: blob.sha });
  const { data: tree } = await rest.git.createTree({
    ...where,
    base_tree: parent.tree.sha,
    tree: [
      { path: 'new/file', mode: '100644', type: 'blob', content: 'text' },
      { path: 'new/other', mode: '100644', type: 'blob', sha: blob.sha },
      { path: 'fleets/a.yaml', mode: '100644', type: 'blob', sha: null },
    ],
  });
  await rest.git.getTree({ ...where, tree_sha: tree.sha, recursive: '1' });
  const { data: commit } = await rest.git.createCommit({ ...where, message: 'Signed', tree: tree.sha, parents: [sha] });
  expect(commit.verification.verified).toBe(true);
  await rest.git.createRef({ ...where, ref: 'refs/heads/bump/a', sha: commit.sha });
  await rest.git.updateRef({ ...where, ref: 'heads/bump/a', sha, force: true });
  await rest.git.listMatchingRefs({ ...where, ref: 'heads/bump' });
  const { data: made } = await rest.pulls.create({ ...where, head: 'bump/a', base: 'main', title: 'Bump', body: 'b' });
  await rest.git.deleteRef({ ...where, ref: 'heads/bump/a' });
  expect((await rest.pulls.get({ ...where, pull_number: made.number })).data.state).toBe('closed');
  await rest.repos.getBranch({ ...where, branch: 'feature' });
  await rest.repos.listBranches(where);
  await rest.repos.compareCommitsWithBasehead({ ...where, basehead: 'main...feature' });
  await rest.repos.getContent({ ...where, path: 'fleets/a.yaml', ref: 'feature' });
  await rest.repos.getContent({ ...where, path: '', ref: 'feature' });
  github.team('owners', ['ada']);
  await rest.teams.getMembershipForUserInOrg({ org: 'acme', team_slug: 'owners', username: 'ada' });
  await rest.teams.listMembersInOrg({ org: 'acme', team_slug: 'owners' });
  await rest.teams.getByName({ org: 'acme', team_slug: 'owners' });
  await rest.users.getByUsername({ username: 'ada' });
  await rest.rateLimit.get();
  await rest.apps.listReposAccessibleToInstallation();
  await rest.pulls.merge({ ...where, pull_number: pr.number, merge_method: 'squash' });
  const personal = new Octokit({ auth: github.personalToken('ada'), baseUrl: github.baseUrl });
  await personal.rest.users.getAuthenticated();
  await app.octokit.rest.apps.listWebhookDeliveries();
  await app.octokit.rest.apps.getInstallation({ installation_id: installation.id });
  await github.rerequest(need(github.checkRuns(sha)[0], 'check run'));
  await github.comment(pr, 'from a person');
  await github.close();
});
