import { describe, expect, test } from 'vitest';
import { FLEETS, installationClient, personClient, refusedWith } from './clients.ts';
import { startGitHub } from './start-github.ts';

const annotation = (line: number) =>
  ({ path: 'a.yaml', start_line: line, end_line: line, annotation_level: 'notice', message: `${line}` }) as const;

describe('when a check run is put', () => {
  test('then annotations add up over requests, and are listed page by page', async () => {
    await using github = await startGitHub();
    const octokit = await installationClient(github);
    const head_sha = (await github.branch('main')) ?? '';
    const output = { title: 't', summary: 's' };
    const lines = (from: number) => Array.from({ length: 50 }, (_, index) => annotation(from + index));
    const { data: run } = await octokit.rest.checks.create({
      ...FLEETS,
      name: 'seatrial',
      head_sha,
      status: 'in_progress',
      output: { ...output, annotations: lines(1) },
    });
    const check = { ...FLEETS, check_run_id: run.id };
    await octokit.rest.checks.update({ ...check, output: { ...output, annotations: lines(51) } });
    const { data } = await octokit.rest.checks.update({ ...check, conclusion: 'neutral', output });
    expect(data).toMatchObject({ status: 'completed', conclusion: 'neutral', output: { annotations_count: 100 } });
    expect(data.completed_at).not.toBeNull();
    const all = await octokit.paginate(octokit.rest.checks.listAnnotations, { ...check, per_page: 40 });
    expect(all.map(({ start_line }) => start_line)).toEqual(Array.from({ length: 100 }, (_, index) => index + 1));
  });

  test('then the newest of a name counts, unless all are asked for', async () => {
    await using github = await startGitHub();
    const { rest } = await installationClient(github);
    const head_sha = (await github.branch('main')) ?? '';
    const put = async (name: string) => (await rest.checks.create({ ...FLEETS, name, head_sha })).data.id;
    const [first, second, other] = [await put('a'), await put('a'), await put('b')];
    const list = async (more: object) =>
      (await rest.checks.listForRef({ ...FLEETS, ref: head_sha, ...more })).data.check_runs.map(({ id }) => id);
    expect(await list({})).toEqual([other, second]);
    expect(await list({ filter: 'all' })).toEqual([other, second, first]);
    expect(await list({ check_name: 'b' })).toEqual([other]);
    expect(await list({ status: 'completed' })).toEqual([]);
  });

  const wrong: readonly (readonly [string, object])[] = [
    ['a completed one without a conclusion', { status: 'completed' }],
    ['a conclusion that only GitHub gives', { conclusion: 'stale' }],
    ['a commit that is not there', { head_sha: '1'.repeat(40) }],
    ['a branch instead of a commit', { head_sha: 'main' }],
    [
      'lines the wrong way round',
      { output: { title: 't', summary: 's', annotations: [{ ...annotation(3), end_line: 2 }] } },
    ],
    [
      'columns over several lines',
      {
        output: {
          title: 't',
          summary: 's',
          annotations: [{ ...annotation(3), end_line: 4, start_column: 1, end_column: 2 }],
        },
      },
    ],
  ];

  test.each(wrong)('then %s is refused', async (_name, more) => {
    await using github = await startGitHub();
    const octokit = await installationClient(github);
    const wanted = { ...FLEETS, name: 'a', head_sha: (await github.branch('main')) ?? '', ...more };
    expect(await refusedWith(octokit.request('POST /repos/{owner}/{repo}/check-runs', wanted))).toBe(422);
    // Some of them the schema finds, too.
    github.takeViolations();
  });
});

describe('when a status is put', () => {
  test('then each context has a newest, the whole is as bad as the worst, and all are listed', async () => {
    await using github = await startGitHub();
    const { rest } = await installationClient(github);
    const sha = (await github.branch('main')) ?? '';
    const put = (context: string, state: 'pending' | 'success' | 'failure') =>
      rest.repos.createCommitStatus({ ...FLEETS, sha, context, state });
    const combined = async () => (await rest.repos.getCombinedStatusForRef({ ...FLEETS, ref: 'main' })).data;
    expect((await combined()).state).toBe('pending');
    await put('seatrial/lab', 'pending');
    await put('seatrial/field', 'success');
    expect((await combined()).state).toBe('pending');
    await put('seatrial/lab', 'success');
    expect(await combined()).toMatchObject({ state: 'success', total_count: 2 });
    await put('seatrial/field', 'failure');
    expect((await combined()).state).toBe('failure');
    const { data } = await rest.repos.listCommitStatusesForRef({ ...FLEETS, ref: sha });
    expect(data.map(({ context, state }) => `${context} ${state}`)).toEqual([
      'seatrial/field failure',
      'seatrial/lab success',
      'seatrial/field success',
      'seatrial/lab pending',
    ]);
  });

  test('then a long description is refused, as is a commit that is not there', async () => {
    await using github = await startGitHub();
    const { rest } = await installationClient(github);
    const sha = (await github.branch('main')) ?? '';
    const put = (description: string, of = sha) =>
      refusedWith(rest.repos.createCommitStatus({ ...FLEETS, sha: of, state: 'success', description }));
    expect(await put('ü'.repeat(140))).toBeUndefined();
    expect(await put('x'.repeat(141))).toBe(422);
    expect(await put('fine', '1'.repeat(40))).toBe(422);
    expect(await put('fine', 'main')).toBe(422);
  });

  test('then a thousand of one context are enough', async () => {
    await using github = await startGitHub({ limits: { contentPerMinute: 2000 } });
    const { rest } = await installationClient(github);
    const sha = (await github.branch('main')) ?? '';
    const put = (context: string) =>
      refusedWith(rest.repos.createCommitStatus({ ...FLEETS, sha, state: 'success', context }));
    for (let number = 1; number <= 1000; number += 1) await put('seatrial/lab');
    expect(github.statuses(sha)).toHaveLength(1000);
    expect(await put('seatrial/lab')).toBe(422);
    expect(await put('seatrial/field')).toBeUndefined();
  });
});

describe('when a comment is put', () => {
  test('then it is as long as GitHub lets it be, and not empty', async () => {
    await using github = await startGitHub();
    const { rest } = await installationClient(github);
    await (await github.engineer()).push('feature', { 'a.yaml': 'a: 1\n' });
    const { number: issue_number } = await github.openPullRequest({ head: 'feature' });
    const put = (body: string) => refusedWith(rest.issues.createComment({ ...FLEETS, issue_number, body }));
    expect(await put('x'.repeat(65_536))).toBeUndefined();
    expect(await put('x'.repeat(65_537))).toBe(422);
    expect(await put(' ')).toBe(422);
    expect(await refusedWith(rest.issues.createComment({ ...FLEETS, issue_number: 99, body: 'a' }))).toBe(404);
  });

  test('then who may only read edits their own alone, and the app edits all', async () => {
    await using github = await startGitHub();
    await (await github.engineer('ada')).push('feature', { 'a.yaml': 'a: 1\n' });
    const pull = await github.openPullRequest({ head: 'feature' });
    const comment = await github.comment(pull, 'mine', 'ada');
    github.repository.collaborators.set('eve', 'read');
    const edit = { ...FLEETS, comment_id: comment.id, body: 'not yours' };
    const eve = personClient(github, github.personalToken('eve'));
    expect(await refusedWith(eve.rest.issues.updateComment(edit))).toBe(403);
    const { rest } = await installationClient(github);
    expect(await refusedWith(rest.issues.updateComment(edit))).toBeUndefined();
    expect(await refusedWith(rest.issues.deleteComment({ ...FLEETS, comment_id: comment.id }))).toBeUndefined();
    expect(await refusedWith(rest.issues.getComment({ ...FLEETS, comment_id: comment.id }))).toBe(404);
  });
});
