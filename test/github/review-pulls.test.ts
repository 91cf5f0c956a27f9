// Before the merge: what a pull request is told by a controller at work, from the push to the check and the comment.

import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Engineer } from './engineer.ts';
import type { PullRequest } from './model/repository.ts';
import { ConsoleLab } from './support/console-lab.ts';

// A machine that does much else at the same time is slow, and not wrong.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 120_000 });

const MARKER = '<!-- seatrial:review -->';
let lab: ConsoleLab;
let ada: Engineer;

beforeAll(async () => {
  lab = await ConsoleLab.open();
  ada = await lab.ada();
  await lab.start();
  await lab.boot('hub-1', 'hub-2', 'hub-3', 'hub-4');
});
afterAll(() => lab.close());

const wanting = (release: string) => ({ 'field/fleet.yaml': lab.filesOf({ release })['field/fleet.yaml'] ?? '' });

async function propose(branch: string, changes: Readonly<Record<string, string | null>>): Promise<PullRequest> {
  await ada.push(branch, changes);
  return lab.github.openPullRequest({ head: branch });
}

test('when a release is proposed, then its check and its one comment say what boards would do, and follow the branch', async () => {
  const pull = await propose('release', wanting('r-2'));
  const first = await lab.untilChecked(pull);
  expect(first).toMatchObject({ conclusion: 'success', sha: pull.head.sha });
  expect(first.output.text).toContain('field');
  const said = await lab.untilSaid(pull, body => body.includes('4 of 4'));
  expect(said.startsWith(MARKER)).toBe(true);
  const comments = lab.ours(pull).map(({ id }) => id);

  await ada.push('release', wanting('r-3'));
  await lab.untilSaid(pull, body => body !== said);
  await lab.untilChecked(pull);
  expect(lab.ours(pull).map(({ id }) => id)).toEqual(comments);

  const rewritten = await ada.forcePush('release', { 'README.md': 'Nothing for boards.\n' });
  await lab.untilChecked(pull, conclusion => conclusion === 'neutral');
  expect(pull.head.sha).toBe(rewritten);
  await lab.untilSaid(pull, body => body.includes('No board'));
  expect(lab.ours(pull).map(({ id }) => id)).toEqual(comments);
});

test('when a change is none of the fleet, then the check is neutral and nobody is bothered', async () => {
  const pull = await propose('docs', { 'docs/README.md': 'Words.\n' });
  expect(await lab.untilChecked(pull)).toMatchObject({ conclusion: 'neutral' });
  expect(lab.ours(pull)).toEqual([]);
});

test('when YAML has errors, then the check fails with an annotation on each line', async () => {
  const lines = Array.from({ length: 120 }, (_, index) => `    - { id: "not an id ${index}" }`);
  const head =
    'apiVersion: seatrial.dev/v1alpha1\nkind: DeviceList\nmetadata: { name: many }\nspec:\n  board: evk\n  devices:\n';
  const pull = await propose('many', { 'many/devices.yaml': `${head}${lines.join('\n')}\n` });
  const { conclusion, annotations } = await lab.untilChecked(pull);
  expect(conclusion).toBe('failure');
  expect(annotations.length).toBeGreaterThan(100);
  expect(new Set(annotations.map(({ startLine }) => startLine))).toEqual(new Set(lines.map((_, index) => index + 7)));
  expect(annotations.every(({ path }) => path === 'many/devices.yaml')).toBe(true);
});

test('when the base moves, then the review is of what the merge would bring now, and conflicts are named', async () => {
  const pull = await propose('twin', { ...wanting('r-3'), 'notes.txt': 'mine\n' });
  const before = await lab.untilSaid(pull, body => body.includes('4 of 4'));
  await ada.push('main', wanting('r-2'));
  await lab.untilChecked(pull, conclusion => conclusion === 'failure');
  const conflict = await lab.untilSaid(pull, body => body !== before);
  expect(conflict).toContain('`field/fleet.yaml`');
  await ada.git('fetch', '--quiet', 'origin');
  await ada.git('checkout', '--quiet', '--force', '-B', 'twin', 'origin/main');
  await ada.forcePush('twin', wanting('r-3'), { from: 'main' });
  await lab.untilChecked(pull, conclusion => conclusion === 'success');
  expect(lab.ours(pull)).toHaveLength(1);
});

test('when the branch of a pull request is deleted, then nothing is said any more and nothing is wrong', async () => {
  const pull = await propose('gone', wanting('r-1'));
  await lab.untilChecked(pull);
  await lab.untilSaid(pull, Boolean);
  await ada.deleteBranch('gone');
  expect(pull.state).toBe('closed');
  const next = await propose('after-gone', wanting('r-1'));
  await lab.untilChecked(next);
  expect(lab.ours(pull)).toHaveLength(1);
  expect(lab.controller.office.status().problems).toEqual([]);
});

test('when somebody asks for the check again, then it is completed again, without a second one', async () => {
  const pull = await propose('again', wanting('r-1'));
  const run = await lab.untilChecked(pull);
  run.status = 'queued';
  run.conclusion = undefined;
  await lab.github.rerequest(run);
  await lab.untilChecked(pull);
  expect(lab.github.checkRuns(pull.head.sha).filter(({ name }) => name === 'seatrial')).toHaveLength(1);
});

test('when the controller is started anew, then it says nothing twice', async () => {
  const pull = await propose('restart', wanting('r-1'));
  await lab.untilChecked(pull);
  await lab.untilSaid(pull, Boolean);
  await lab.stop();
  const written = () =>
    lab.github.requests().filter(({ method, path }) => method === 'POST' && !path.includes('access_tokens')).length;
  const before = written();
  await lab.start();
  const other = await propose('after-restart', { 'docs/OTHER.md': 'Words.\n' });
  await lab.untilChecked(other);
  expect(lab.ours(pull)).toHaveLength(1);
  expect(lab.github.checkRuns(pull.head.sha)).toHaveLength(1);
  expect(written()).toBe(before + 1);
});
