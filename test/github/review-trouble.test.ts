// GitHub in trouble while a controller works: it is named, it heals, fleets go on, and no secret reaches a log.

import { execFileSync } from 'node:child_process';
import { gunzipSync } from 'node:zlib';
import { readSnapshot } from '@seatrial/controller/review';
import { parseDeviceId } from '@seatrial/spec';
import { expect, test, vi } from 'vitest';
import { need } from './github.ts';
import type { PullRequest } from './model/repository.ts';
import { ConsoleLab, eventually, type LabOptions } from './support/console-lab.ts';

// A machine that does much else at the same time is slow, and not wrong.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 120_000 });

async function withLab(options: LabOptions, act: (lab: ConsoleLab) => Promise<void>): Promise<void> {
  const lab = await ConsoleLab.open(options);
  try {
    await lab.start();
    await lab.boot('hub-1');
    await act(lab);
  } finally {
    await lab.close();
  }
}

async function propose(lab: ConsoleLab, branch: string, release: string): Promise<PullRequest> {
  const ada = await lab.ada();
  await ada.push(branch, { 'field/fleet.yaml': lab.filesOf({ release })['field/fleet.yaml'] ?? '' });
  return lab.github.openPullRequest({ head: branch });
}

const untilProblem = (lab: ConsoleLab, code: string | undefined) =>
  eventually(
    () => lab.controller.office.status().problems.map(problem => problem.code),
    codes => (code === undefined ? codes.length === 0 : codes.some(found => found === code)),
  );

test('when tokens are revoked, then that is a problem with a name until a fresh one is there', () =>
  withLab({}, async lab => {
    await lab.untilChecked(await propose(lab, 'before', 'r-2'));
    lab.github.suspendInstallation();
    await untilProblem(lab, 'forge-refused');
    const pull = await propose(lab, 'after', 'r-2');
    lab.github.suspendInstallation(false);
    lab.github.revokeTokens();
    expect(await lab.untilChecked(pull)).toMatchObject({ sha: pull.head.sha });
    await untilProblem(lab, undefined);
  }));

test('when the hour is spent, then boards get their plans all the same, and the check comes when it is over', () =>
  withLab({}, async lab => {
    await eventually(() => lab.github.requests('pulls/list').length > 0);
    lab.github.exhaustRateLimit(8);
    const pull = await propose(lab, 'late', 'r-2');
    await untilProblem(lab, 'forge-rate-limited');
    const ada = await lab.ada();
    const head = await ada.push('main', { 'docs/a.md': 'a\n' });
    await eventually(() => lab.controller.office.status().source.inForce?.commit === head);
    expect(await lab.untilChecked(pull)).toMatchObject({ sha: pull.head.sha });
    await untilProblem(lab, undefined);
  }));

test.each([
  ['a conflict', { kind: 'status', status: 409 }],
  ['an outage', { kind: 'status', status: 502 }],
  ['an answer that breaks off', { kind: 'drop', carriedOut: true }],
  ['a comment that GitHub does not take', { kind: 'status', status: 422 }],
] as const)('when writing meets %s, then in the end there is one comment and one check', (_what, failure) =>
  withLab({}, async lab => {
    lab.github.failNext('issues/create-comment', failure);
    lab.github.failNext('checks/create', failure);
    const pull = await propose(lab, 'troubled', 'r-2');
    await lab.untilChecked(pull);
    await lab.untilSaid(pull, Boolean);
    await untilProblem(lab, undefined);
    expect(lab.ours(pull)).toHaveLength(1);
    expect(lab.github.checkRuns(pull.head.sha)).toHaveLength(1);
  }),
);

test('when git itself goes over HTTP with a token in its address, then no log and no status shows it', async () => {
  let token = '';
  const remote: LabOptions['remote'] = github => {
    github.repository.collaborators.set('bot', 'write');
    token ||= github.personalToken('bot');
    return `${github.origin.replace('//', `//x-access-token:${token}@`)}/acme/fleets.git`;
  };
  await withLab({ remote, config: { snapshot: { branch: 'seatrial/observed', every: '1s' } } }, async lab => {
    const pull = await propose(lab, 'over-http', 'r-2');
    await lab.untilChecked(pull);
    lab.github.revokeTokens();
    await untilProblem(lab, 'git-unreachable');
    const status = JSON.stringify(lab.controller.office.status());
    const { app } = lab.github;
    const keyLines = app.privateKey.split('\n').filter(line => line.length > 20 && !line.startsWith('---'));
    for (const secret of [token, app.webhookSecret, ...keyLines]) {
      expect(lab.lines.join('\n')).not.toContain(secret);
      expect(status).not.toContain(secret);
    }
    expect(lab.lines.join('\n')).not.toMatch(/\bgh[a-z]_\w+|\beyJ\w+\.\w+/);
  });
});

test('when git has the address of GitHub and no key, then it shows the token of the app, also a fresh one after the old', () =>
  withLab({ remote: github => `${github.origin}/acme/fleets.git` }, async lab => {
    await lab.untilChecked(await propose(lab, 'by-app', 'r-2'));
    expect(await eventually(() => lab.github.branch('seatrial/audit'))).toBeDefined();
    lab.github.revokeTokens();
    const ada = await lab.ada();
    const head = await ada.push('main', { 'docs/a.md': 'a\n' });
    await eventually(() => lab.controller.office.status().source.inForce?.commit === head);
    await untilProblem(lab, undefined);
    expect(lab.lines.join('\n')).not.toMatch(/\bgh[a-z]_\w+|\beyJ\w+\.\w+|Basic /);
  }));

test('when the reported state is published, then the branch holds one commit with a snapshot that reads back', () =>
  withLab({ config: { snapshot: { branch: 'seatrial/observed', every: '500ms' } } }, async lab => {
    await eventually(() => lab.github.branch('seatrial/observed'));
    await lab.boot('hub-2');
    const read = async () => {
      const head = await lab.github.branch('seatrial/observed');
      const { path } = lab.github.repository.git;
      const bytes = execFileSync('git', ['-C', path, 'cat-file', 'blob', `${head}:observed.json.gz`]);
      const snapshot = readSnapshot(
        [gunzipSync(bytes)],
        new Set(['hub-1', 'hub-2'].map(id => need(parseDeviceId(id), id))),
      );
      return snapshot.ok ? snapshot.value : undefined;
    };
    const snapshot = await eventually(read, found => found?.size === 2);
    expect(snapshot).toMatchObject({ gitCommit: lab.controller.office.status().source.inForce?.commit });
    expect(snapshot?.device(need(parseDeviceId('hub-2'), 'hub-2'))?.observed).toBeDefined();
    const { git } = lab.github.repository;
    expect(await git.git(['rev-list', '--count', 'seatrial/observed'])).toBe('1\n');
    const head = await lab.github.branch('seatrial/observed');
    await eventually(() => lab.github.requests('pulls/list').length > 3);
    expect(await lab.github.branch('seatrial/observed')).toBe(head);
  }));

test('when a review would be longer than GitHub takes, then the comment is shortened and leads to the whole text', async () => {
  const fleets = Array.from({ length: 150 }, (_, index) => `fleet-${String(index).padStart(3, '0')}`);
  const lab = await ConsoleLab.open();
  try {
    const filesOf = (release: string) =>
      Object.assign({}, ...fleets.map(name => lab.filesOf({ name, devices: [`${name}-hub`], release }))) as Record<
        string,
        string
      >;
    const ada = await lab.ada();
    await ada.push('main', filesOf('r-1'));
    await lab.start();
    await ada.push('all', filesOf('r-2'));
    const pull = await lab.github.openPullRequest({ head: 'all' });
    const check = await lab.untilChecked(pull);
    const comment = await lab.untilSaid(pull, Boolean);
    expect(comment.length).toBeLessThanOrEqual(65_536);
    expect(check.output.text?.length).toBeLessThanOrEqual(65_535);
    expect(comment).toContain(`/pull/${pull.number}/checks`);
    expect(comment).toContain("150 more fleets' steps");
    expect(comment).toContain('fleet-000');
  } finally {
    await lab.close();
  }
});
