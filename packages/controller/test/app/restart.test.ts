// What survives what: a stop, a kill at any moment, a broker that forgets, a database that is deleted or too old.

import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, onTestFinished, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { answered, Lab, type LabOptions } from '../support/lab.ts';
import { Mosquitto } from '../support/mosquitto.ts';

const HUBS = ['hub-1', 'hub-2', 'hub-3', 'hub-4'];

let lab: Lab;
let broker: Mosquitto | undefined;
afterEach(async () => {
  await lab.close();
  await broker?.remove();
  broker = undefined;
});

/** Four boards at rest, on a mosquitto that outlives the controller. */
async function onMosquitto(config: LabOptions['config'] = {}): Promise<Mosquitto> {
  broker = new Mosquitto();
  await broker.start();
  lab = new Lab({ brokerUrl: broker.url, config });
  lab.commit({ release: 'r-1' });
  await lab.start();
  lab.boot(HUBS);
  await lab.untilAtRest('r-1');
  return broker;
}

const generations = () => lab.boards.map(({ plan }) => plan?.generation ?? 0);
const settled = () => eventually(async () => answered(await lab.client.status()).ready);

describe('when the controller is stopped in the middle of a rollout and started again', () => {
  test('then it goes on where it was, and tells nothing twice', async () => {
    await onMosquitto();
    for (const board of lab.boards) board.behaviour = 'ignores';
    lab.commit({ release: 'r-2' });
    await eventually(() => lab.boards.some(({ plan }) => plan?.release === 'r-2'));
    await eventually(() => lab.story().some(line => line.startsWith('Enter stage 1 of 2 of field-r2')));
    const before = { story: lab.story(), generations: generations(), rollout: await lab.rollout() };
    await lab.stop();
    await lab.start();
    await settled();
    expect(generations()).toEqual(before.generations);
    expect(lab.story()).toEqual(before.story);
    expect(await lab.rollout()).toMatchObject({ id: before.rollout?.id, salt: before.rollout?.salt, stage: 1 });
    for (const board of lab.boards) board.obey();
    expect(await lab.untilAtRest('r-2')).toMatchObject({ state: { kind: 'done' } });
  });
});

describe('when the controller is restarted after a board has failed', () => {
  test('then the failure is told once, and nobody else is touched', async () => {
    await onMosquitto();
    for (const board of lab.boards) board.behaviour = 'fails';
    lab.commit({ release: 'r-2' });
    await lab.untilAtRest('r-2');
    await eventually(() => lab.story().some(line => line.startsWith('Pause field-r2')));
    const before = { story: lab.story(), events: answered(await lab.client.events({ limit: 1_000 })) };
    await lab.stop();
    await lab.start();
    await settled();
    expect(await lab.rollout()).toMatchObject({ state: { kind: 'paused' } });
    expect(lab.story()).toEqual(before.story);
    expect(answered(await lab.client.events({ limit: 1_000 }))).toEqual(before.events);
    expect(lab.boards.filter(({ plan }) => plan?.release === 'r-2')).toHaveLength(1);
  });
});

describe('when the database is deleted', () => {
  test('then rollout, salt, stage, pause and try come back from git, and generations go on', async () => {
    await onMosquitto();
    for (const board of lab.boards) board.behaviour = 'fails';
    lab.commit({ release: 'r-2' });
    await lab.untilAtRest('r-2');
    answered(await lab.client.order('retry', 'field', { by: 'Ada', reason: 'once more' }));
    await eventually(
      () => lab.rollout(),
      rollout => rollout?.attempt === 2 && rollout.state.kind === 'paused',
    );
    const before = await lab.rollout();
    const told = generations();
    await eventually(() => lab.story().filter(line => line.startsWith('Pause field-r2')).length === 2);
    const story = lab.story();
    await lab.stop();
    lab.forget();
    await lab.start();
    await settled();
    const { id, salt, stage, attempt, state } = before ?? {};
    expect(await lab.rollout()).toMatchObject({ id, salt, stage, attempt, state });
    // Whoever is told anything is told it under a generation that it has not seen.
    const touched = lab.boards.findIndex(({ plan }) => plan?.release === 'r-2');
    await eventually(() => (generations()[touched] ?? 0) > (told[touched] ?? 0));
    expect(generations().every((generation, index) => generation >= (told[index] ?? 0))).toBe(true);
    for (const board of lab.boards) expect(board.refused).toEqual([]);
    expect(lab.story()).toEqual(story);
    expect(lab.boards.filter(({ plans }) => plans.some(({ release }) => release === 'r-2'))).toHaveLength(1);
    for (const board of lab.boards) board.behaviour = 'obeys';
    answered(await lab.client.order('retry', 'field', { by: 'Ada', reason: 'the third time' }));
    expect(
      await eventually(
        () => lab.rollout(),
        rollout => rollout?.state.kind === 'done',
      ),
    ).toMatchObject({ attempt: 3 });
  });

  test('and an older one is put in its place, then the audit branch wins', async () => {
    await onMosquitto();
    await lab.stop();
    cpSync(join(lab.directory, 'state'), join(lab.directory, 'old'), { recursive: true });
    await lab.start();
    lab.commit({ release: 'r-2' });
    await lab.untilAtRest('r-2');
    await eventually(() => lab.story().includes('Complete field-r2'));
    const before = { rollout: await lab.rollout(), story: lab.story(), generations: generations() };
    await lab.stop();
    rmSync(join(lab.directory, 'state'), { recursive: true });
    cpSync(join(lab.directory, 'old'), join(lab.directory, 'state'), { recursive: true });
    await lab.start();
    await settled();
    expect(await lab.rollout()).toMatchObject({ id: before.rollout?.id, state: { kind: 'done' } });
    expect(lab.story()).toEqual(before.story);
    await eventually(() => generations().every((generation, index) => generation >= (before.generations[index] ?? 0)));
    for (const board of lab.boards) expect(board.refused).toEqual([]);
  });
});

describe('when the audit branch was rewritten', () => {
  test('then nothing is decided until an engineer accepts the new head', async () => {
    await onMosquitto();
    await eventually(() => lab.story().includes('Complete field-r1'));
    await eventually(
      async () => answered(await lab.client.status()).audit.head === lab.repository.git('rev-parse', 'seatrial/audit'),
    );
    await lab.stop();
    const kept = lab.repository.git('rev-parse', 'seatrial/audit~1');
    lab.repository.git('update-ref', 'refs/heads/seatrial/audit', kept);
    lab.commit({ release: 'r-2' });
    await lab.start();
    await eventually(async () =>
      answered(await lab.client.status()).problems.some(({ code }) => code === 'audit-rewritten'),
    );
    await eventually(async () => answered(await lab.client.status()).broker.connected);
    expect(answered(await lab.client.status()).ready).toBe(false);
    expect((await lab.rollout())?.release).not.toBe('r-2');
    expect(lab.boards.flatMap(({ plans }) => plans).some(({ release }) => release === 'r-2')).toBe(false);
    await lab.stop();
    await lab.start({ audit: { acceptHead: kept } });
    expect(await lab.untilAtRest('r-2')).toMatchObject({ state: { kind: 'done' } });
  });
});

describe('when the broker is killed and has forgotten everything', () => {
  test('then every plan is published again, as it was', async () => {
    const mosquitto = await onMosquitto({ boards: { unreachableAfter: '500ms' } });
    await eventually(() => lab.boards.every(({ plan }) => plan !== undefined));
    const before = generations();
    await mosquitto.kill();
    for (const board of lab.boards.splice(0)) board.vanish();
    await eventually(async () => !answered(await lab.client.status()).broker.connected);
    await mosquitto.start();
    await settled();
    // No last will came: only their silence tells that they are gone.
    const connected = async () => answered(await lab.client.devices()).devices.filter(device => device.connected);
    expect(await eventually(connected, devices => devices.length === 0)).toEqual([]);
    lab.boot(HUBS, { sequence: 100 });
    await eventually(() => lab.boards.every(({ plan }) => plan !== undefined));
    expect(generations()).toEqual(before);
    expect(answered(await lab.client.status()).broker.sharesReports).toBe(true);
  });
});

describe('when the controller is killed again and again', () => {
  test('then a release still reaches every board, and git tells each decision once', async () => {
    broker = new Mosquitto();
    await broker.start();
    lab = new Lab({ brokerUrl: broker.url });
    lab.commit({ release: 'r-1' });
    lab.boot(HUBS);
    const program = join(import.meta.dirname, '../support/controller-process.ts');
    const start = (): ChildProcess => spawn(process.execPath, [program, lab.configFile()], { stdio: 'inherit' });
    let child = start();
    const kill = async () => {
      const ended = new Promise(resolve => child.once('exit', resolve));
      child.kill('SIGKILL');
      await ended;
    };
    onTestFinished(() => void child.kill('SIGKILL'));
    await eventually(() => lab.boards.every(({ plan }) => plan !== undefined));
    lab.commit({ release: 'r-2' });
    for (const plans of [1, 2, 3, 4]) {
      // A kill right after a plan arrives finds the controller between store, broker and audit branch.
      await eventually(
        () => lab.boards.filter(({ plan }) => plan?.release === 'r-2').length >= Math.min(plans, 4),
        Boolean,
        10_000,
      ).catch(() => {});
      await kill();
      child = start();
    }
    await eventually(() => lab.boards.every(({ runs }) => runs.fw === '1.2'));
    await eventually(() => lab.story().includes('Complete field-r2'));
    await kill();
    const story = lab.story();
    expect(new Set(story).size).toBe(story.length);
    for (const board of lab.boards) expect(board.refused).toEqual([]);
  });
});
