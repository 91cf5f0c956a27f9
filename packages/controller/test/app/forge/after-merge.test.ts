// After the merge, with the whole controller, real git and a broker: what people see on the forge while boards move, when
// they fail, and after a restart.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type GitCommit, parseGitCommit } from '@seatrial/spec';
import { afterEach, describe, expect, test } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { answered, Lab } from '../../support/lab.ts';
import { MemoryForge } from '../../support/memory-forge.ts';
import { need } from '../../support/told-board.ts';
import type { WrittenFleet } from '../../support/written-fleet.ts';

const HUBS = ['hub-1', 'hub-2', 'hub-3', 'hub-4'];

let lab: Lab;
let forge: MemoryForge;
afterEach(() => lab.close());

async function atRest(): Promise<void> {
  forge = new MemoryForge();
  lab = new Lab({ ports: { forge } });
  writeFileSync(join(lab.directory, 'github-token'), 'unused');
  lab.commit({ release: 'r-1' });
  await lab.start(withGithub());
  lab.boot(HUBS);
  await lab.untilAtRest('r-1');
}

const withGithub = () => ({
  github: { repository: 'example/fleet', tokenFile: join(lab.directory, 'github-token'), poll: '200ms', tell: '200ms' },
});

/** Through a pull request, as the forge has it. */
function merge(fleet: WrittenFleet): { readonly commit: GitCommit; readonly number: number } {
  const { number } = forge.open();
  const commit = need(parseGitCommit(lab.commit(fleet)));
  forge.merge(number, commit);
  return { commit, number };
}

/** What the statuses of a commit were, oldest first. */
const told = (commit: string) => forge.statuses.filter(status => status.commit === commit);
const last = (commit: string) => told(commit).at(-1);

describe('when a release is merged through a pull request', () => {
  test('then status and comment move with the boards to done, and nothing is told twice', async () => {
    await atRest();
    const { commit, number } = merge({ release: 'r-2' });
    await lab.untilAtRest('r-2');
    await eventually(() => last(commit)?.state === 'success');
    expect(last(commit)).toMatchObject({ context: 'seatrial/field', url: need(forge.pulls[0]).url });
    expect(last(commit)?.description).toContain('4/4 up to date');
    const { body } = await eventually(
      () => need(forge.comments.get(number)),
      comment => comment.body.includes('completed'),
    );
    expect(body).toContain('`field`');
    const texts = told(commit).map(({ description }) => description);
    expect(texts.some((text, index) => text === texts[index - 1])).toBe(false);
  });

  test('and a newer one is merged in the middle, then the first ends as superseded', async () => {
    await atRest();
    for (const board of lab.boards) board.behaviour = 'ignores';
    const first = merge({ release: 'r-2' });
    await eventually(() => last(first.commit)?.state === 'pending');
    const second = merge({ release: 'r-3' });
    await eventually(() => last(first.commit)?.description.includes('superseded by field-r3'));
    expect(last(first.commit)?.state).toBe('error');
    await eventually(() => forge.comments.get(first.number)?.body.includes('superseded'));
    await eventually(() => last(second.commit)?.state === 'pending');
  });

  test('and the controller is started anew, then it tells nothing again and loses no last word', async () => {
    await atRest();
    const { commit, number } = merge({ release: 'r-2' });
    await lab.untilAtRest('r-2');
    await eventually(() => last(commit)?.state === 'success');
    await eventually(() => forge.comments.get(number)?.body.includes('completed'));
    const before = { statuses: forge.statuses.length, comment: forge.comments.get(number) };
    const { calls } = forge;
    await lab.stop();
    await lab.start(withGithub());
    await eventually(async () => answered(await lab.client.status()).ready);
    // It has looked, and asked the forge.
    await eventually(() => forge.calls > calls + 5);
    expect({ statuses: forge.statuses.length, comment: forge.comments.get(number) }).toEqual(before);
  });
});

describe('when boards stop a release whose fleet wants to go back', () => {
  test('then a pull request takes it back, and merged it brings the boards home', async () => {
    await atRest();
    const fleet: WrittenFleet = { release: 'r-1', onFailure: 'revert' };
    lab.commit(fleet);
    await lab.untilAtRest('r-1');
    for (const board of lab.boards) board.behaviour = 'fails';
    const { commit, number } = merge({ ...fleet, release: 'r-2' });
    await eventually(() => forge.bodies.size === 1);
    const [revert, proposal] = need([...forge.bodies][0]);
    expect(proposal.body).toContain('os-unhealthy');
    await eventually(() => last(commit)?.state === 'failure');
    await eventually(() => forge.comments.get(number)?.body.includes(`revert #${revert}`));
    await eventually(() => lab.story().some(line => line.startsWith('Propose to take field-r2 back to r-1')));

    const written = need(forge.branches.get(proposal.branch));
    for (const board of lab.boards) board.behaviour = 'obeys';
    for (const [path, bytes] of written.files) writeFileSync(join(lab.repository.directory, path), need(bytes));
    lab.repository.git('commit', '-qam', proposal.title);
    const mergedAs = need(parseGitCommit(lab.repository.head()));
    forge.merge(revert, mergedAs);
    lab.controller.office.lookAtGit();
    const rollout = await lab.untilAtRest('r-1');
    expect(rollout).toMatchObject({ id: 'field-r3', state: { kind: 'done' } });
    await eventually(() => last(mergedAs)?.state === 'success');
    await eventually(() => last(commit)?.description.includes('superseded by field-r3'));
    expect(forge.pulls.filter(({ author }) => author === 'seatrial[bot]')).toHaveLength(1);
  });
});
