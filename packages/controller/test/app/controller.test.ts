// The whole controller with everything real around it: git, SQLite, a broker, boards of paper.

import { afterEach, describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { answered, Lab, type LabOptions } from '../support/lab.ts';
import { filesOf } from '../support/written-fleet.ts';

const HUBS = ['hub-1', 'hub-2', 'hub-3', 'hub-4'];

let lab: Lab;
afterEach(() => lab.close());

/** Four boards at rest on what they left the factory with. */
async function atRest(options: LabOptions = {}): Promise<void> {
  lab = new Lab(options);
  lab.commit({ release: 'r-1' });
  await lab.start();
  lab.boot(HUBS);
  await lab.untilAtRest('r-1');
}

const device = async (id: string) => answered(await lab.client.device(id));

describe('when a release is merged', () => {
  test('then it reaches every board, stage by stage, and git tells the story', async () => {
    await atRest();
    const commit = lab.commit({ release: 'r-2' });
    expect(await lab.untilAtRest('r-2')).toMatchObject({ state: { kind: 'done' }, gitCommit: commit, stage: 2 });
    expect(lab.boards.map(({ runs }) => runs)).toEqual(HUBS.map(() => ({ fw: '1.2', os: 'b' })));
    await eventually(() => lab.story().includes('Complete field-r2'));
    expect(lab.story().slice(-4)).toEqual([
      'Start field-r2: release r-2',
      'Enter stage 1 of 2 of field-r2: 1 of 4 boards',
      'Enter stage 2 of 2 of field-r2: 4 of 4 boards',
      'Complete field-r2',
    ]);
    for (const { refused, plans } of lab.boards) {
      expect(refused).toEqual([]);
      // Nothing is published twice.
      expect(new Set(plans.map(({ generation }) => generation)).size).toBe(plans.length);
    }
    expect(answered(await lab.client.status())).toMatchObject({ ready: true, problems: [] });
  });

  test('and its first board fails, then the rollout pauses, nobody else is touched, and why explains it', async () => {
    await atRest();
    for (const board of lab.boards) board.behaviour = 'fails';
    lab.commit({ release: 'r-2' });
    expect(await lab.untilAtRest('r-2')).toMatchObject({
      state: { kind: 'paused', reason: 'failure-budget' },
      letIn: 0,
    });
    const touched = lab.boards.filter(({ plans }) => plans.some(({ release }) => release === 'r-2'));
    expect(touched).toHaveLength(1);
    const [first] = touched;
    const other = HUBS.find(hub => hub !== first?.device) ?? '';
    expect(answered(await lab.client.why(first?.device ?? '')).holds).toMatchObject([
      { kind: 'failure', reason: 'os-unhealthy' },
    ]);
    expect(answered(await lab.client.why(other)).holds.map(({ kind }) => kind)).toEqual(['pause', 'stage']);
    await eventually(() => lab.story().some(line => line.startsWith('Pause field-r2')));
  });

  test('and an engineer orders a retry, then the order stands on the audit branch under the engineer’s name', async () => {
    await atRest();
    for (const board of lab.boards) board.behaviour = 'fails';
    lab.commit({ release: 'r-2' });
    await lab.untilAtRest('r-2');
    for (const board of lab.boards) board.behaviour = 'obeys';
    expect(
      answered(await lab.client.order('retry', 'field', { by: 'Ada', reason: 'The modem was off' })),
    ).toMatchObject({ attempt: 2 });
    await eventually(
      () => lab.rollout(),
      rollout => rollout?.state.kind === 'done',
    );
    await eventually(() => lab.story().includes('Complete field-r2'));
    expect(lab.repository.git('log', '--format=%an: %s', 'seatrial/audit')).toContain('Ada: Retry field-r2, attempt 2');
    expect(await lab.client.order('pause', 'field', { by: 'Ada', reason: 'late' })).toMatchObject({
      error: { code: 'rollout-done' },
    });
  });
});

describe('when a commit is not valid', () => {
  test('then the last good one stays in force, and everybody can see why', async () => {
    await atRest();
    const good = lab.repository.head();
    const files = filesOf({ release: 'r-2', controllerKey: lab.publicKey });
    const bad = lab.repository.commit(new Map([...files, ['field/fleet.yaml', 'kind: Fleet\n\tbroken']]));
    const status = await eventually(
      async () => answered(await lab.client.status()),
      ({ source }) => source.refused !== undefined,
    );
    expect(status.source).toMatchObject({
      inForce: { commit: good },
      refused: { commit: bad },
    });
    expect(status.source.refused?.issues).toContainEqual(
      expect.objectContaining({ code: 'tab-indentation', file: 'field/fleet.yaml', line: 2 }),
    );
    await eventually(() => lab.story().some(line => line.startsWith(`Reject commit ${bad.slice(0, 12)}`)));
    expect(lab.boards.flatMap(({ plans }) => plans).filter(({ release }) => release === 'r-2')).toEqual([]);
    await lab.stop();
    await lab.start();
    await eventually(
      async () => answered(await lab.client.status()),
      ({ source }) => source.refused?.commit === bad,
    );
    expect(answered(await lab.client.status()).source.inForce?.commit).toBe(good);
    lab.commit({ release: 'r-2' });
    await lab.untilAtRest('r-2');
    expect(answered(await lab.client.status()).source.refused).toBeUndefined();
    expect(lab.story().filter(line => line.startsWith('Reject'))).toHaveLength(1);
  });

  test('and nothing is remembered, then the newest good one before it is put in force', async () => {
    lab = new Lab();
    const good = lab.commit({ release: 'r-1' });
    lab.repository.commit(new Map([['fleet.yaml', 'kind: [']]));
    await lab.start();
    const inForce = async () => answered(await lab.client.status()).source.inForce?.commit;
    expect(await eventually(inForce)).toBe(good);
  });
});

describe('when the branch does not simply grow', () => {
  test('and it is force-pushed, then that is told and the new head is followed', async () => {
    await atRest();
    const first = lab.repository.head();
    const second = lab.commit({ release: 'r-2' });
    await lab.untilAtRest('r-2');
    lab.repository.git('reset', '--hard', '-q', first);
    const third = lab.repository.commit(filesOf({ release: 'r-3', controllerKey: lab.publicKey }), 'Otherwise');
    await lab.untilAtRest('r-3');
    await eventually(() => lab.story().includes('Complete field-r3'));
    expect(lab.story()).toContain(`Follow the rewritten branch from ${second.slice(0, 12)} to ${third.slice(0, 12)}`);
  });

  test('and it vanishes, then the fleet stays as it is and the problem is named until it is back', async () => {
    await atRest();
    lab.repository.git('checkout', '-q', '-b', 'elsewhere');
    lab.repository.git('branch', '-D', 'main');
    const problems = async () => answered(await lab.client.status()).problems.map(({ code }) => code);
    await eventually(problems, codes => codes.includes('git-branch-missing'));
    expect(answered(await lab.client.fleets())).toHaveLength(1);
    lab.repository.git('branch', 'main');
    await eventually(problems, codes => codes.length === 0);
  });
});

describe('when boards misbehave', () => {
  test('then every bad message is named, counted and harmless', async () => {
    await atRest();
    const [board] = lab.boards;
    board?.send('report', Buffer.alloc(20_000, 'x'));
    board?.send('report', Buffer.from('{"schema":1,"device":"hub-1"'));
    board?.send('presence', Buffer.from('nonsense'));
    board?.sendAs('hub-2');
    const text = await eventually(
      () => lab.controller.office.metrics(),
      metrics => metrics.includes('report-foreign') && metrics.includes('channel="presence",result="report-malformed"'),
    );
    expect(text).toContain('seatrial_messages_total{channel="report",result="report-oversized"} 1');
    expect(text).toContain('seatrial_messages_total{channel="report",result="report-malformed"} 1');
    const events = answered(await lab.client.events({ device: 'hub-1' })).map(({ kind }) => kind);
    expect(events).toEqual(expect.arrayContaining(['report-oversized', 'report-malformed', 'report-foreign']));
    expect(await device('hub-1')).toMatchObject({ standing: 'upToDate' });
  });

  test('then an old report changes nothing', async () => {
    await atRest();
    const before = await eventually(
      () => device('hub-1'),
      ({ report }) => report?.generation === 1,
    );
    lab.board('hub-1').tell({ sequence: 0, runs: { fw: '0.9', os: 'f' } });
    await eventually(
      () => lab.controller.office.metrics(),
      metrics => metrics.includes('result="report-old"'),
    );
    expect((await device('hub-1')).report).toEqual(before.report);
  });

  test('then one that git does not list is counted and told, and gets no plan', async () => {
    await atRest();
    lab.boot(['stray-1']);
    await eventually(
      async () => answered(await lab.client.status()).boards.unclaimed,
      count => count === 1,
    );
    expect(answered(await lab.client.why('stray-1')).holds.map(({ kind }) => kind)).toEqual(['unclaimed']);
    expect(lab.board('stray-1').plans).toEqual([]);
  });

  test('then one that falls silent is unreachable after its time, and comes back', async () => {
    await atRest({ config: { boards: { unreachableAfter: '300ms' } } });
    for (const board of lab.boards) board.behaviour = 'ignores';
    lab.commit({ release: 'r-2' });
    const first = await eventually(() =>
      lab.boards.find(({ plans }) => plans.some(({ release }) => release === 'r-2')),
    );
    first?.vanish();
    const standing = async () => (await device(first?.device ?? '')).standing;
    expect(await eventually(standing, now => now === 'unreachable')).toBe('unreachable');
    lab.boot([first?.device ?? ''], { behaviour: 'obeys', sequence: 100 });
    expect(await eventually(standing, now => now === 'upToDate')).toBe('upToDate');
  });
});
