import { expect, test } from 'vitest';
import { appClient, FLEETS, personClient } from './clients.ts';
import { need } from './github.ts';
import { OPERATIONS } from './openapi/operations.ts';
import { startGitHub } from './start-github.ts';
import { Receiver } from './webhooks/receiver.ts';

test('when octokit asks every operation once, then each is answered as the description says', async () => {
  await using receiver = await Receiver.open();
  await using github = await startGitHub();
  github.deliverTo(receiver.url);
  const { rest: asApp } = appClient(github).octokit;
  await asApp.apps.getAuthenticated();
  const { data: installation } = await asApp.apps.getRepoInstallation(FLEETS);
  await asApp.apps.getInstallation({ installation_id: installation.id });
  const { rest } = await appClient(github).getInstallationOctokit(installation.id);
  await rest.apps.listReposAccessibleToInstallation();
  await rest.rateLimit.get();

  const ada = await github.engineer('ada');
  const sha = await ada.push('feature', { 'fleets/a.yaml': 'a: 1\n' });
  await rest.repos.get(FLEETS);
  await rest.repos.listBranches(FLEETS);
  await rest.repos.getBranch({ ...FLEETS, branch: 'feature' });
  await rest.repos.getCommit({ ...FLEETS, ref: sha });
  await rest.repos.compareCommitsWithBasehead({ ...FLEETS, basehead: 'main...feature' });
  await rest.repos.getContent({ ...FLEETS, path: 'fleets/a.yaml', ref: 'feature' });
  await rest.repos.getContent({ ...FLEETS, path: '' });

  const { data: ref } = await rest.git.getRef({ ...FLEETS, ref: 'heads/feature' });
  await rest.git.listMatchingRefs({ ...FLEETS, ref: 'heads/fea' });
  const { data: parent } = await rest.git.getCommit({ ...FLEETS, commit_sha: ref.object.sha });
  const { data: blob } = await rest.git.createBlob({ ...FLEETS, content: 'b: 1\n' });
  await rest.git.getBlob({ ...FLEETS, file_sha: blob.sha });
  const { data: tree } = await rest.git.createTree({
    ...FLEETS,
    base_tree: parent.tree.sha,
    tree: [{ path: 'fleets/b.yaml', mode: '100644', type: 'blob', sha: blob.sha }],
  });
  await rest.git.getTree({ ...FLEETS, tree_sha: tree.sha });
  const { data: commit } = await rest.git.createCommit({ ...FLEETS, message: 'b', tree: tree.sha, parents: [sha] });
  await rest.git.createRef({ ...FLEETS, ref: 'refs/heads/bump/b', sha });
  await rest.git.updateRef({ ...FLEETS, ref: 'heads/bump/b', sha: commit.sha });

  const { data: pull } = await rest.pulls.create({ ...FLEETS, head: 'bump/b', base: 'main', title: 'b' });
  const at = { ...FLEETS, pull_number: pull.number };
  const issue = { ...FLEETS, issue_number: pull.number };
  await rest.pulls.get(at);
  await rest.pulls.list(FLEETS);
  await rest.pulls.update({ ...at, body: 'All of it' });
  await rest.pulls.listCommits(at);
  await rest.pulls.listFiles(at);
  await github.review(need(github.pullRequests()[0], 'pull request'), 'bob');
  await rest.pulls.listReviews(at);
  await rest.issues.addLabels({ ...issue, labels: ['seatrial', 'bump'] });
  await rest.issues.listLabelsOnIssue(issue);
  await rest.issues.removeLabel({ ...issue, name: 'bump' });
  const { data: comment } = await rest.issues.createComment({ ...issue, body: 'hello' });
  await rest.issues.getComment({ ...FLEETS, comment_id: comment.id });
  await rest.issues.updateComment({ ...FLEETS, comment_id: comment.id, body: 'hello again' });
  await rest.issues.listComments(issue);
  await rest.issues.deleteComment({ ...FLEETS, comment_id: comment.id });

  const { data: run } = await rest.checks.create({ ...FLEETS, name: 'seatrial', head_sha: commit.sha });
  const check = { ...FLEETS, check_run_id: run.id };
  await rest.checks.update({ ...check, conclusion: 'success', output: { title: 't', summary: 's' } });
  await rest.checks.get(check);
  await rest.checks.listAnnotations(check);
  await rest.checks.listForRef({ ...FLEETS, ref: 'bump/b' });
  await rest.repos.createCommitStatus({ ...FLEETS, sha, state: 'success', context: 'seatrial/lab' });
  await rest.repos.listCommitStatusesForRef({ ...FLEETS, ref: sha });
  await rest.repos.getCombinedStatusForRef({ ...FLEETS, ref: sha });
  await rest.repos.listPullRequestsAssociatedWithCommit({ ...FLEETS, commit_sha: sha });
  await rest.pulls.merge(at);
  await rest.git.deleteRef({ ...FLEETS, ref: 'heads/bump/b' });

  github.team('owners', ['ada']);
  const team = { org: 'acme', team_slug: 'owners' };
  await rest.teams.getByName(team);
  await rest.teams.listMembersInOrg(team);
  await rest.teams.getMembershipForUserInOrg({ ...team, username: 'ada' });
  await rest.users.getByUsername({ username: 'ada' });
  await personClient(github, github.personalToken('ada')).rest.users.getAuthenticated();

  await github.webhooks.settled();
  const { data: deliveries } = await asApp.apps.listWebhookDeliveries();
  const { id: delivery_id } = need(deliveries[0], 'delivery');
  await asApp.apps.getWebhookDelivery({ delivery_id });
  await asApp.apps.redeliverWebhookDelivery({ delivery_id });

  expect(new Set(github.requests().map(({ operation }) => operation))).toEqual(new Set(OPERATIONS));
});
