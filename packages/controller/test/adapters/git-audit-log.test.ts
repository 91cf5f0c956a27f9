// The audit branch through real git.

import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type GitCommit, millis } from '@seatrial/spec';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { gitAuditLog } from '../../src/adapters/git-audit-log.ts';
import { openMirror } from '../../src/adapters/git-command.ts';
import type { Decision, RecordedDecision } from '../../src/domain/decision.ts';
import { PortError } from '../../src/errors.ts';
import type { AuditLog } from '../../src/ports/audit-log.ts';
import { FIELD } from '../support/fleet-simulation.ts';
import { GitFleet } from '../support/git-fleet.ts';
import { aRollout } from '../support/paper-rollout.ts';
import { NOW_MS } from '../support/told-board.ts';
import { filesOf } from '../support/written-fleet.ts';

let directory: string;
let fleet: GitFleet;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'seatrial-audit-'));
  fleet = new GitFleet(join(directory, 'fleet'));
  fleet.commit(filesOf());
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const openLog = async (mirror = 'mirror.git'): Promise<AuditLog> =>
  gitAuditLog(await openMirror({ repository: fleet.directory, mirror: join(directory, mirror), timeoutMs: 20_000 }), {
    branch: 'seatrial/audit',
  });

const recorded = (id: string, decision: Partial<Decision> = {}): RecordedDecision => ({
  id,
  atMs: millis(NOW_MS),
  decision: {
    kind: 'rollout-resumed',
    fleet: FIELD,
    rollout: 'field-r1',
    stage: 1,
    by: 'Ada <ada>',
    reason: 'Looked at it',
    ...decision,
  } as Decision,
});
const record = (id: string, changes = {}) => ({ decision: recorded(id), rollouts: [aRollout(changes)] });

const codeOf = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
    return 'no error';
  } catch (error) {
    return error instanceof PortError ? error.code : String(error);
  }
};

describe('when decisions are recorded', () => {
  test('then each is a commit that people can read, in order, and the tree holds the rollouts as they are', async () => {
    const log = await openLog();
    const head = await log.append(undefined, [record('a-1'), record('a-2', { stage: 1 })]);
    const next = await log.append(head, [record('a-3', { stage: 2 })]);
    expect(fleet.git('rev-parse', 'seatrial/audit')).toBe(next);
    expect(fleet.git('log', '--format=%an|%s', 'seatrial/audit').split('\n')).toEqual(
      Array(3).fill('Ada ada|Resume field-r1 at stage 1'),
    );
    expect(fleet.git('log', '-1', '--format=%b', 'seatrial/audit')).toContain('Looked at it');
    expect(JSON.parse(fleet.git('show', 'seatrial/audit:rollouts/field/1.json'))).toEqual(aRollout({ stage: 2 }));
    expect(fleet.git('rev-list', '--count', 'seatrial/audit')).toBe('3');
  });

  test('then the work tree, the index and the other branches are as they were', async () => {
    writeFileSync(join(fleet.directory, 'notes.txt'), 'mine');
    const before = [
      fleet.git('status', '--porcelain'),
      fleet.git('rev-parse', 'HEAD'),
      fleet.git('branch', '--show-current'),
    ];
    const log = await openLog();
    await log.append(undefined, [record('a-1')]);
    expect([
      fleet.git('status', '--porcelain'),
      fleet.git('rev-parse', 'HEAD'),
      fleet.git('branch', '--show-current'),
    ]).toEqual(before);
  });

  test('then no hook of the repository runs', async () => {
    const witness = join(directory, 'ran');
    mkdirSync(join(fleet.directory, '.git', 'hooks'), { recursive: true });
    for (const hook of ['pre-receive', 'update', 'post-receive', 'post-update', 'reference-transaction', 'pre-push']) {
      writeFileSync(join(fleet.directory, '.git', 'hooks', hook), `#!/bin/sh\ntouch ${witness}\n`, { mode: 0o755 });
    }
    await (await openLog()).append(undefined, [record('a-1')]);
    expect(existsSync(witness)).toBe(false);
  });

  test('then another controller’s mirror reads the same', async () => {
    const head = await (await openLog()).append(undefined, [record('a-1'), record('a-2', { stage: 1 })]);
    const other = await openLog('other.git');
    expect(await other.read()).toEqual({
      head,
      decisions: [recorded('a-1'), recorded('a-2')],
      rollouts: [aRollout({ stage: 1 })],
    });
    expect(await other.read(head)).toMatchObject({ head, decisions: [] });
  });
});

describe('when the branch is read', () => {
  test('and there is none, then nothing was decided', async () => {
    expect(await (await openLog()).read()).toEqual({ decisions: [], rollouts: [] });
  });

  test('and a person has added a note, then it is passed over and the next record follows it', async () => {
    const log = await openLog();
    const head = await log.append(undefined, [record('a-1')]);
    const note = fleet.git('commit-tree', '-p', head, '-m', 'Tuesday was a holiday', `${head}^{tree}`);
    fleet.git('update-ref', 'refs/heads/seatrial/audit', note);
    expect(await codeOf(log.append(head, [record('a-2')]))).toBe('audit-unreachable');
    const history = await log.read(head);
    expect(history).toMatchObject({ head: note, decisions: [] });
    await log.append(history.head, [record('a-2')]);
    expect(fleet.git('log', '--format=%s', 'seatrial/audit')).toContain('Tuesday');
  });

  test('and history was rewritten, then it is refused', async () => {
    const log = await openLog();
    const first = await log.append(undefined, [record('a-1')]);
    const head = await log.append(first, [record('a-2')]);
    fleet.git('update-ref', 'refs/heads/seatrial/audit', first);
    expect(await codeOf(log.read(head))).toBe('audit-rewritten');
    fleet.git('update-ref', '-d', 'refs/heads/seatrial/audit');
    expect(await codeOf(log.read(head))).toBe('audit-rewritten');
    expect(await codeOf(log.read('d'.repeat(40) as GitCommit))).toBe('audit-rewritten');
  });

  test('and a record can not be read, then the commit is named', async () => {
    const log = await openLog();
    const head = await log.append(undefined, [record('a-1')]);
    const broken = fleet.git('commit-tree', '-p', head, '-m', 'Title\n\nSeatrial-Decision: {', `${head}^{tree}`);
    fleet.git('update-ref', 'refs/heads/seatrial/audit', broken);
    await expect(log.read(head)).rejects.toMatchObject({
      code: 'audit-malformed',
      element: expect.stringContaining(broken),
    });
  });

  test('and the repository is gone, then nothing is appended and nothing is lost', async () => {
    const log = await openLog();
    const head = await log.append(undefined, [record('a-1')]);
    fleet.remove();
    expect(await codeOf(log.append(head, [record('a-2')]))).toBe('git-repository-missing');
    expect(await codeOf(log.read(head))).toBe('git-repository-missing');
  });
});
