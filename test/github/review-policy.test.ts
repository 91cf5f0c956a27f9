// What a policy asks of a change, and who can give it: a review by somebody of the right team, of the very commit.

import { expect, test, vi } from 'vitest';
import { PERMISSIONS } from './start-github.ts';
import { ConsoleLab, eventually } from './support/console-lab.ts';

// A machine that does much else at the same time is slow, and not wrong.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 120_000 });

const POLICY = `apiVersion: seatrial.dev/v1alpha1
kind: ReviewPolicy
metadata: { name: house }
spec:
  warnings:
    firmware-for-good: { approve: firmware-lead }
  teams:
    firmware-lead: [acme/firmware]
`;

async function withProposal() {
  const lab = await ConsoleLab.open({ files: { 'seatrial.policy.yaml': POLICY } });
  lab.github.team('firmware', ['bob']);
  const ada = await lab.ada();
  await lab.start();
  await lab.boot('hub-1');
  const changes = { 'field/fleet.yaml': lab.filesOf({ release: 'r-2' })['field/fleet.yaml'] ?? '' };
  await ada.push('release', changes);
  const pull = await lab.github.openPullRequest({ head: 'release' });
  return { lab, ada, pull };
}

test('when a change needs an approval, then the check fails until somebody of the team has reviewed this very commit', async () => {
  const { lab, ada, pull } = await withProposal();
  try {
    await lab.untilChecked(pull, conclusion => conclusion === 'failure');
    expect(await lab.untilSaid(pull, Boolean)).toContain('firmware-lead');
    await lab.github.review(pull, 'eve');
    await lab.github.review(pull, 'bob', 'COMMENTED');
    await lab.github.webhooks.settled();
    expect(await lab.untilChecked(pull)).toMatchObject({ conclusion: 'failure' });
    await lab.github.review(pull, 'bob');
    await lab.untilChecked(pull, conclusion => conclusion === 'success');
    await ada.push('release', { 'README.md': 'One more commit.\n' });
    await lab.untilChecked(pull, conclusion => conclusion === 'failure');
    const review = await lab.github.review(pull, 'bob');
    await lab.untilChecked(pull, conclusion => conclusion === 'success');
    await lab.github.dismiss(pull, review);
    await lab.untilChecked(pull, conclusion => conclusion === 'failure');
  } finally {
    await lab.close();
  }
});

test('when the author is of the team, then that is no approval', async () => {
  const { lab, pull } = await withProposal();
  try {
    lab.github.team('firmware', ['ada']);
    await lab.github.review(pull, 'ada');
    await lab.github.webhooks.settled();
    expect(await lab.untilChecked(pull)).toMatchObject({ conclusion: 'failure' });
  } finally {
    await lab.close();
  }
});

test('when the policy itself has errors, then the check says where, and the rules of the base hold', async () => {
  const { lab, ada } = await withProposal();
  try {
    await ada.push('broken', { 'seatrial.policy.yaml': POLICY.replace('firmware-for-good', 'no-such-warning') });
    const pull = await lab.github.openPullRequest({ head: 'broken' });
    const { conclusion, annotations } = await lab.untilChecked(pull);
    expect(conclusion).toBe('failure');
    expect(annotations).toContainEqual(
      expect.objectContaining({ path: 'seatrial.policy.yaml', startLine: 6, level: 'failure' }),
    );
  } finally {
    await lab.close();
  }
});

test('when the app may not ask who is in a team, then that is a problem with a name, and other changes are reviewed', async () => {
  const { members: _members, ...permissions } = PERMISSIONS;
  const lab = await ConsoleLab.open({ files: { 'seatrial.policy.yaml': POLICY }, stand: { permissions } });
  try {
    const ada = await lab.ada();
    await lab.start();
    await lab.boot('hub-1');
    await ada.push('other', { 'docs/a.md': 'a\n' });
    const other = await lab.github.openPullRequest({ head: 'other' });
    await ada.push('release', { 'field/fleet.yaml': lab.filesOf({ release: 'r-2' })['field/fleet.yaml'] ?? '' });
    const pull = await lab.github.openPullRequest({ head: 'release' });
    await lab.github.review(pull, 'bob');
    const codes = () => lab.controller.office.status().problems.map(({ code }) => code);
    expect(await eventually(codes, found => found.includes('forge-refused'))).toContain('forge-refused');
    await ada.push('other', { 'docs/a.md': 'b\n' });
    expect(await lab.untilChecked(other)).toMatchObject({ conclusion: 'neutral' });
  } finally {
    await lab.close();
  }
});
